"""Settings for the whole checkout; the plugin itself comes from the installed package."""
