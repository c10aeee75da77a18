"""Augmentation: how training samples are changed, as a setting of a recipe and as the first layer of networks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, get_type_hints

from pydantic import ConfigDict, Field

from nas.arguments import Fraction, NotNegative, NotNegativeFloat
from nas.errors import ShapeError
from nas.marks import IDENTITY_IF_SET
from nas.modality import Modality, listed, modalities_of
from nas.ops.op import FREE, Cost, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn

Policy = Literal["rand_augment", "trivial_augment"]


class For(NamedTuple):
    """In the annotation of a setting: the modalities that it is for."""

    modalities: tuple[Modality, ...]


IMAGES = For(("image",))
SIGNALS = For(("sound", "series"))
GRIDS = For(("image", "sound", "series"))
NUMBERS = For(("image", "sound", "series", "table"))
TEXTS = For(("text",))
TABLES = For(("table",))

CHANNELS = 3
"""The channels of images with colours."""

OF_RAND_AUGMENT = ("operations", "magnitude")
"""Settings that do nothing with another policy."""


@dataclass(frozen=True)
class Augment(Op):
    """Random changes of training samples, drawn anew for each sample and each epoch. By default there are none.

    `flip` comes first, and the others follow in this order. What is cut out or masked gets the mean of the training
    samples, and what comes in from outside of an image is 0.

    As a layer, it must be the first one. A training changes the samples as if its recipe said so, before the network
    normalises them; the network itself returns its input there, in training too.

    Attributes:
        shift: for images, sounds and series: maximal shift in pixels or time steps, in both directions of each axis,
            with zero padding.
        flip: for images: whether they are mirrored horizontally, with probability 1/2.
        crop: for images: the smallest fraction of the area of a random crop, with a ratio of width to height from 3/4
            to 4/3, which is resized to the image (Szegedy et al. 2015); 1: no crop.
        rotate: for images: maximal angle of a rotation about the centre, in degrees.
        policy: for images: `rand_augment` (Cubuk et al. 2020): `operations` of the 14 of the paper, one after the
            other, with the strength `magnitude`. `trivial_augment` (Müller & Hutter 2021): one of them, with a random
            strength in the wide range of the paper. `null`: none.
        operations: the number of operations of `rand_augment`.
        magnitude: the strength of the operations of `rand_augment`, from 0 to 30.
        brightness: for images: maximal change of the brightness, as a fraction.
        contrast: for images: maximal change of the contrast, as a fraction.
        saturation: for images of 3 channels: maximal change of the saturation, as a fraction.
        speed: for sounds and series: maximal change of the speed, and thereby of the pitch of sounds, as a fraction s:
            by a factor from 1 / (1 + s) to 1 + s, about the middle, with zero padding (Ko et al. 2015).
        noise: for all but texts: standard deviation of Gaussian noise, as a fraction of that of the channel: in the
            training samples, or in the sample itself for sounds and series. In tables, numbers get noise and categories
            do not.
        gain: for sounds and series: maximal change of the amplitude, in dB.
        swap: for tables: the probability of each value to be replaced by that of another row of the batch.
        token_dropout: for texts: the probability of each token to become unknown (1); padding (0) stays.
        cutout: for images: the side of a square around a random pixel that is cut out, in pixels (DeVries & Taylor
            2017).
        erase: for images: the probability that a rectangle of 2 to 33 % of the area is cut out (random erasing, Zhong
            et al. 2020).
        time_mask: for sounds and series: the largest fraction of the time steps that is masked, at a random place (Park
            et al. 2019).
        mixup: for all but texts and categories: α of Beta(α, α), from which the share of a sample is drawn in the sum
            with another one; losses are mixed alike (Zhang et al. 2018). 0: none.
        cutmix: for images, sounds and series: α of Beta(α, α), from which the share of a sample is drawn that a
            rectangle (or a section) of another one does not cover; losses are mixed alike (Yun et al. 2019). 0: none.
            Where `mixup` is set as well, each sample gets one of them, with probability 1/2.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: ClassVar[str] = "augment"
    random: ClassVar[bool] = True
    first: ClassVar[bool] = True

    shift: Annotated[NotNegative, GRIDS] = 0
    flip: Annotated[bool, IMAGES] = False
    crop: Annotated[float, Field(gt=0, le=1), IMAGES, IDENTITY_IF_SET] = 1.0
    rotate: Annotated[float, Field(ge=0, le=180), IMAGES, IDENTITY_IF_SET] = 0.0
    policy: Annotated[Policy | None, IMAGES, IDENTITY_IF_SET] = None
    operations: Annotated[Positive, IMAGES, IDENTITY_IF_SET] = 2
    magnitude: Annotated[int, Field(ge=0, le=30), IMAGES, IDENTITY_IF_SET] = 9
    brightness: Annotated[Fraction, IMAGES, IDENTITY_IF_SET] = 0.0
    contrast: Annotated[Fraction, IMAGES, IDENTITY_IF_SET] = 0.0
    saturation: Annotated[Fraction, IMAGES, IDENTITY_IF_SET] = 0.0
    speed: Annotated[NotNegativeFloat, SIGNALS, IDENTITY_IF_SET] = 0.0
    noise: Annotated[NotNegativeFloat, NUMBERS, IDENTITY_IF_SET] = 0.0
    gain: Annotated[NotNegativeFloat, SIGNALS, IDENTITY_IF_SET] = 0.0
    swap: Annotated[Fraction, TABLES, IDENTITY_IF_SET] = 0.0
    token_dropout: Annotated[Fraction, TEXTS, IDENTITY_IF_SET] = 0.0
    cutout: Annotated[NotNegative, IMAGES, IDENTITY_IF_SET] = 0
    erase: Annotated[Fraction, IMAGES, IDENTITY_IF_SET] = 0.0
    time_mask: Annotated[Fraction, SIGNALS, IDENTITY_IF_SET] = 0.0
    mixup: Annotated[NotNegativeFloat, NUMBERS, IDENTITY_IF_SET] = 0.0
    cutmix: Annotated[NotNegativeFloat, GRIDS, IDENTITY_IF_SET] = 0.0

    @property
    def coloured(self) -> bool:
        """Whether images change in ways that depend on what is black and what is white."""
        return self.policy is not None or bool(self.brightness or self.contrast or self.saturation)

    @property
    def computes(self) -> bool:
        """Whether values are computed, and not only moved or replaced: the batch is then float32, also of uint8."""
        return (
            self.coloured or self.crop < 1 or bool(self.rotate or self.speed or self.noise or self.gain or self.mixup)
        )

    @property
    def mixes(self) -> bool:
        """Whether samples are mixed with others, and their losses with them."""
        return bool(self.mixup or self.cutmix)

    @property
    def acting(self) -> Mapping[str, Any]:
        """The settings that change samples."""
        idle = () if self.policy == "rand_augment" else OF_RAND_AUGMENT
        return {name: value for name, value in self.arguments().items() if name not in idle}

    def unsuited(self, kinds: Collection[Modality]) -> Mapping[str, tuple[Modality, ...]]:
        """The settings that are for none of these kinds of inputs, each with the kinds that it is for."""
        suited = _suited()
        return {name: suited[name] for name in self.arguments() if not set(suited[name]) & set(kinds)}

    def shape(self, input: Shape) -> Shape:
        for name, kinds in self.unsuited(modalities_of(input)).items():
            raise ShapeError(f"augment.{name} is for {listed(kinds)}, got {show_shape(input)}")
        if self.saturation and input[0] != CHANNELS:
            raise ShapeError(f"augment.saturation is for images of {CHANNELS} channels, got {show_shape(input)}")
        return input

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        return nn.Identity()

    def is_identity(self, input: Shape) -> bool:
        return not self.acting

    def meaning(self, input: Shape) -> str:
        return f"{self.name} {sorted(self.acting.items())}"


@cache
def _suited() -> Mapping[str, tuple[Modality, ...]]:
    """The modalities that each setting is for."""
    hints = get_type_hints(Augment, include_extras=True)
    marked = {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}
    return {name: word.modalities for name, words in marked.items() for word in words if isinstance(word, For)}
