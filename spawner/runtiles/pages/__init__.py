"""The Hub's pages: the tile gallery, the pending page with its failure card, home and sign-in.

Templates extend JupyterHub's own; styles and scripts are included in the page, so that nothing is
asked of another host and nothing else has to be served. The Hub is told about them with
`c.JupyterHub.template_paths = template_paths()` and `c.JupyterHub.template_vars = template_vars(...)`.
"""

from .cards import GpuCount
from .errors import FormError
from .gallery import GalleryData, gallery_data
from .render import SHARED_STYLES, gallery_html, template_paths, template_vars, titles

__all__ = [
    "SHARED_STYLES",
    "FormError",
    "GalleryData",
    "GpuCount",
    "gallery_data",
    "gallery_html",
    "template_paths",
    "template_vars",
    "titles",
]
