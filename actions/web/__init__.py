"""The pages: what people see and press in a browser.

Floor 5, a door. A view finds, checks permission, calls one verb or queryset and answers; it
decides nothing. Every page works without scripts; htmx refreshes and opens dialogs on top.
"""
