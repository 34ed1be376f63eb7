"""The site: settings, urls and the processes that make one installation. Nobody imports it."""
