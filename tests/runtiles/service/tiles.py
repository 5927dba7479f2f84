"""The tiles of the test Hub; the slug says how a launch goes."""

TILES = """
tiles:
  - {slug: quick, title: Quick start, description: Starts at once., image: 'runtiles/quick:1'}
  - {slug: files, title: With files, image: 'runtiles/files:1', secrets_as: file}
  - {slug: gated, title: Waits, image: 'runtiles/gated:1'}
  - {slug: broken, title: Breaks, image: 'runtiles/broken:1'}
  - {slug: silent, title: Without records, image: 'runtiles/silent:1'}
  - {slug: hidden, title: Hidden, image: 'runtiles/hidden:1', hidden: true}
  - {slug: markup, title: '<img src=x onerror=alert("title")>', image: 'runtiles/markup:1',
     description: '</script><script>alert("description")</script>'}
  - {slug: old, title: Old, image: 'runtiles/old:1', deprecated: true, redirect: quick}
"""
