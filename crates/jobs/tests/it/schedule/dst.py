"""Makes dst.csv: the times of cron expressions around changes of clocks, by looking at every minute of UTC.

A fixed time fires on the first minute of UTC at which the wall clock shows it or has jumped over it, once a day; any other
expression fires at each minute of UTC at which the wall clock shows one of its times.
"""
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

def last(day):
    return (day + timedelta(days=1)).month != day.month

FIXED = {  # expression: hour, minute, which days
    "30 2 * * *": (2, 30, lambda day: True),
    "30 1 * * *": (1, 30, lambda day: True),
    "15 2 * * *": (2, 15, lambda day: True),
    "0 12 29 2 *": (12, 0, lambda day: (day.month, day.day) == (2, 29)),
    "45 23 L * *": (23, 45, last),
}
WILD = {
    "*/20 1-3 * * *": lambda at: at.minute % 20 == 0 and 1 <= at.hour <= 3,
    "10 * * * *": lambda at: at.minute == 10,
}
# zone: days in UTC around which clocks are moved, or nothing happens
ZONES = {
    "Europe/Berlin": ["2026-03-28", "2026-10-24"],
    "America/New_York": ["2026-03-07", "2026-10-31"],
    "Australia/Lord_Howe": ["2026-04-03", "2026-10-02"],
    "Asia/Kathmandu": ["2026-03-28"],
    "Africa/Casablanca": ["2026-02-14", "2026-03-21"],
    "America/Sao_Paulo": ["2026-02-14"],
    "Australia/Sydney": ["2026-04-03", "2026-10-02"],
    "Pacific/Apia": ["2012-03-30", "2012-09-28"],
    "UTC": ["2028-02-28", "2100-02-27", "2026-02-27"],
}

def fixed(start, end, zone, hour, minute, day):
    ticks, done, before = [], None, None
    at = start - timedelta(days=1)
    while at < end:
        here = at.astimezone(zone).replace(tzinfo=None)
        wanted = here.replace(hour=hour, minute=minute)
        jumped = before is not None and before < wanted <= here
        if jumped and day(here) and done != here.date():
            done = here.date()
            if at > start:
                ticks.append(at)
        before, at = here, at + timedelta(minutes=1)
    return ticks

def wild(start, end, zone, match):
    at, ticks = start + timedelta(minutes=1), []
    while at < end:
        if match(at.astimezone(zone)):
            ticks.append(at)
        at += timedelta(minutes=1)
    return ticks

lines = []
for name, days in ZONES.items():
    zone = ZoneInfo(name)
    for text in days:
        start = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
        end = start + timedelta(days=4)
        rows = [(cron, fixed(start, end, zone, *rule)) for cron, rule in FIXED.items()]
        rows += [(cron, wild(start, end, zone, rule)) for cron, rule in WILD.items()]
        for cron, ticks in rows:
            stamps = " ".join(str(int(at.timestamp())) for at in ticks)
            lines.append(f"{name},{cron},{int(start.timestamp())},{int(end.timestamp())},{stamps}\n")
Path(__file__).with_name("dst.csv").write_text("".join(lines))
