"""How the walks' browser is started: with nothing around the page, and calling nobody."""

# A window of a browser has, besides the page, further pages of its own for what drops from the address bar. Nobody sees it here,
# and each of them costs as much as one of ours.
_ADDRESS_BAR = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI"]
# A process for each person's next site, started for nothing: they stay with ours.
_AHEAD = ["SpareRendererForSitePerProcess"]
# What Playwright switches off for its own sake: of two such options Chromium takes the last one only.
_PLAYWRIGHT = [
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
]  # fmt: skip
# The sandbox needs privileges that root in a container lacks; the rest keeps Chromium from calling home.
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--disable-features={','.join([*_ADDRESS_BAR, *_AHEAD, *_PLAYWRIGHT])}",
]  # fmt: skip
