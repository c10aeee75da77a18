"""Pages from templates: HTML files with inline styles and plots, that open offline and load nothing."""

from importlib import resources
from typing import Any


def render(template: str, **context: Any) -> str:
    """A page from a template of this package, such as `run/report.html`. Everything in it is escaped.

    A template extends `page.html`, the skeleton with the style; `parts.html` has what several pages show alike. A name
    that the context lacks is an error. The same context gives the same bytes.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("nas", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = resources.files("nas.pages").joinpath("style.css").read_text(encoding="utf-8")
    return environment.get_template(template).render(style=style, **context)
