"""The machine refuses programs that would take too much memory or time."""

import pytest

from nas.errors import IntegrityError
from nas.pickles.stand_ins import DICTS, NUMPY
from nas.pickles.unpickle import load_pickle


def test_what_a_pickle_makes_is_counted() -> None:
    """Each would take gigabytes, endless time, or the depth of the stack."""
    million = b"X\x40\x42\x0f\x00" + b"x" * 1_000_000
    nested = b"N" + b"\x85" * 100_000  # ((((None,),),),)
    for program, said in (
        (b"]r\xff\xff\xff\x07.", ""),  # filed under number 134,217,727, which costs nothing here
        (b"\x96" + b"\xff" * 6 + b"\0\0.", "not an opcode for plain data"),
        (b"\x8f" * 1_500_000 + b".", "more memory than a file of 1,500,003 bytes may use"),
        (b"(" + b"]" * 2_000_000 + b"l.", "more memory"),
        (b"}" + nested + b"Ns.", "a key of type tuple is refused"),
        (b"\x8f(" + nested + b"\x90.", "a key of type tuple is refused"),
        (b"}\x8a\x09" + bytes(8) + b"\x01Ns.", "a key of type int is refused"),
        (b"\x8b\xff\xff\xff\x7f.", "an integer of 2,147,483,647 bytes"),
        (b"c_codecs\nencode\nq\x00" + million + b"q\x01" + b"h\x00h\x01\x85R" * 60 + b".", "more memory"),
    ):
        data = b"\x80\x04" + program
        if not said:
            assert load_pickle(data, "x.pkl") == []
            continue
        with pytest.raises(IntegrityError, match=said) as caught:
            load_pickle(data, "x.pkl", admit=(*DICTS, *NUMPY))
        assert len(str(caught.value)) < 300
    assert len(load_pickle(b"\x80\x04" + nested + b".", "x.pkl")) == 1, "depth alone does no harm"
