"""How the operators' admin looks: unfold's own purple gives way to the accent of the workspaces (static/css/tokens.css)."""

UNFOLD = {
    "COLORS": {
        "primary": {
            "50": "#eef6f1",
            "100": "#e2eee6",
            "200": "#c3dccd",
            "300": "#97c7ae",
            "400": "#6cc29a",
            "500": "#2f8a64",
            "600": "#14543d",
            "700": "#0d3f2d",
            "800": "#0b3324",
            "900": "#09291d",
            "950": "#051710",
        }
    }
}
