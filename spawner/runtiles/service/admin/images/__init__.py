"""The images of this site on its host: how large, when last used, which may go."""
