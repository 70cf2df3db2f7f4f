"""Where it all meets: settings, URLs, web pages, REST root, admin site, local services, demo."""
