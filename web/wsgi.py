"""gunicorn's entry: `gunicorn -c web/gunicorn.conf.py web.wsgi:app`, with ./config.toml."""

from search.config import load
from search.open import open_index
from web.app import create_app

config = load()
app = create_app(config, open_index(config))
