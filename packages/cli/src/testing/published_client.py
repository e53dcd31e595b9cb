"""One run of the published Python client against a control plane; prints what it saw as one JSON object.

Used by control-python-client.test.ts, which asserts. Arguments: scenario, base URL, API key. With STRICT=1 every answer and every
event has to fit the client's own models exactly.
"""
import asyncio
import json
import os
import sys

import httpx
import kernel

scenario, base_url, api_key = sys.argv[1:4]
strict = os.environ.get("STRICT") == "1"
sent = []


def note(request):
    sent.append(
        {
            "method": request.method,
            "path": request.url.path,
            "query": sorted(request.url.params.keys()),
            "has_key": "authorization" in request.headers,
        }
    )


async def note_async(request):
    note(request)


def sync_client(**options):
    return kernel.Kernel(
        api_key=api_key,
        base_url=base_url,
        http_client=kernel.DefaultHttpxClient(event_hooks={"request": [note]}),
        _strict_response_validation=strict,
        **options,
    )


def async_client(**options):
    return kernel.AsyncKernel(
        api_key=api_key,
        base_url=base_url,
        http_client=kernel.DefaultAsyncHttpxClient(event_hooks={"request": [note_async]}),
        _strict_response_validation=strict,
        **options,
    )


telemetry = {"enabled": True, "browser": {"console": {"enabled": True}, "page": {"enabled": True}, "platform": {"enabled": True}}}
page = "data:text/html,<script>for(let i=0;i<5;i++)console.log('line',i)</script>"


def all_sync():
    client = sync_client()
    browser = client.browsers.create(headless=True, telemetry=telemetry, start_url=page, name="by python", tags={"team": "blue"})
    listed = [one.session_id for one in client.browsers.list(tags={"team": "blue"})]
    found = client.browsers.retrieve("by python")
    seqs, types = [], []
    with client.browsers.telemetry.stream(browser.session_id, replay="all") as stream:
        for envelope in stream:
            seqs.append(envelope.seq)
            types.append(envelope.event.type)
            if types.count("console_log") == 5:
                break
    resumed = []
    with client.browsers.telemetry.stream(browser.session_id, last_event_id=str(seqs[0])) as stream:
        for envelope in stream:
            resumed.append(envelope.seq)
            if envelope.seq == seqs[-1]:
                break
    only = []
    with client.browsers.telemetry.stream(browser.session_id, replay="all", type=["console_log"]) as stream:
        for envelope in stream:
            only.append(envelope.event.type)
            if len(only) == 5:
                break
    paged = [one.seq for one in client.browsers.telemetry.events(browser.session_id, limit=2, category=["console", "page"])]
    updated = client.browsers.update(browser.session_id, telemetry={"browser": {"network": {"enabled": True}}}, tags={"team": "red"})
    client.browsers.delete_by_id(browser.session_id)
    ended = [one.seq for one in client.browsers.telemetry.events(browser.session_id, limit=100)]
    deleted = [one.session_id for one in client.browsers.list(status="deleted")]
    return {
        "listed": listed == [browser.session_id],
        "found": found.session_id == browser.session_id and found.name == "by python",
        "seqs": seqs,
        "types": types,
        "resumed": resumed,
        "only": only,
        "paged": paged,
        "ended": ended,
        "deleted": deleted == [browser.session_id],
        "captured": [name for name, flag in updated.telemetry.browser if flag is not None and flag.enabled],
        "tags": updated.tags,
        "required": [browser.memory, browser.region, browser.timeout_seconds, browser.created_at.tzinfo is not None],
        "sent": sent,
    }


async def all_async():
    async with async_client() as client:
        browser = await client.browsers.create(headless=True, telemetry=telemetry, start_url=page)
        seqs = []
        stream = await client.browsers.telemetry.stream(browser.session_id, replay="all")
        async for envelope in stream:
            seqs.append(envelope.seq)
            if len(seqs) == 5:
                break
        await stream.close()
        paged = [one.seq async for one in client.browsers.telemetry.events(browser.session_id, limit=2)]
        stream = await client.browsers.telemetry.stream(browser.session_id, replay="all", type=["console_log"])
        await client.browsers.delete_by_id(browser.session_id)
        # Ends with the browser, without an error; the last frame has only an id, which is no item.
        rest = [one.event.type async for one in stream]
        return {"seqs": seqs, "paged": paged, "rest": rest, "sent": sent}


def by_control():
    """Routing switched off by the environment: everything goes through the control plane."""
    client = sync_client()
    browser = client.browsers.create(headless=True, telemetry=telemetry, start_url=page)
    types = []
    with client.browsers.telemetry.stream(browser.session_id, replay="all") as stream:
        for envelope in stream:
            types.append(envelope.event.type)
            if "console_log" in types:
                break
    client.browsers.delete_by_id(browser.session_id)
    return {"types": types, "sent": sent}


def stale_token():
    """The route's token is no good any more: the client drops the route and asks the control plane."""
    client = sync_client()
    browser = client.browsers.create(headless=True, telemetry=telemetry, start_url=page)
    route = client.browser_route_cache.get(browser.session_id)
    client.browser_route_cache.set(type(route)(session_id=route.session_id, base_url=route.base_url, jwt=route.jwt[:-4] + "AAAA"))
    first = None
    with client.browsers.telemetry.stream(browser.session_id, replay="all") as stream:
        for envelope in stream:
            first = envelope.seq
            break
    evicted = client.browser_route_cache.get(browser.session_id) is None
    client.browsers.delete_by_id(browser.session_id)
    return {"first": first, "evicted": evicted, "sent": sent}


def idle():
    """A stream on which nothing happens for longer than two keepalives, then the event that its caller publishes."""
    client = sync_client()
    # Reading it is what teaches the client its route.
    browser = client.browsers.retrieve(os.environ["BROWSER"])
    with client.browsers.telemetry.stream(browser.session_id) as stream:
        print("open", file=sys.stderr, flush=True)
        for envelope in stream:
            return {"type": envelope.event.type, "sent": sent}
    return {"type": None, "sent": sent}


def update_rows():
    client = sync_client()
    on, off = {"enabled": True}, {"enabled": False}
    browser = client.browsers.create(headless=True, telemetry={"browser": {"page": on}})
    rows = [
        {},
        {"telemetry": None},
        {"telemetry": {}},
        {"telemetry": {"browser": {"console": on}}},
        {"telemetry": {"browser": {"page": off, "captcha": off}}},
        {"telemetry": {"enabled": True, "browser": {"network": on}}},
        {"telemetry": {"enabled": True}},
        {"telemetry": {"enabled": False}},
        {"telemetry": {"browser": {"console": on}}},
        {"telemetry": {"browser": {name: off for name in ["console", "control", "connection", "system", "captcha"]}}},
    ]
    seen = []
    for row in rows:
        shown = client.browsers.update(browser.session_id, **row).telemetry
        flags = [] if shown is None else shown.browser
        seen.append([name for name, flag in flags if flag is not None and flag.enabled])
    try:
        client.browsers.update(browser.session_id, telemetry={"enabled": False, "browser": {"console": on}})
        both = None
    except kernel.BadRequestError as error:
        both = error.body["code"]
    client.browsers.delete_by_id(browser.session_id)
    return {"seen": seen, "both": both}


def failures():
    client = sync_client(max_retries=0)
    seen = {}

    def attempt(name, call):
        try:
            call()
            seen[name] = "no error"
        except kernel.APIStatusError as error:
            body = error.body if isinstance(error.body, dict) else {}
            seen[name] = [type(error).__name__, error.status_code, body.get("code")]

    attempt("unknown", lambda: client.browsers.retrieve("nothing"))
    attempt("proxy", lambda: client.browsers.create(proxy_id="p"))
    attempt("timeout", lambda: client.browsers.create(timeout_seconds=5))
    attempt("category", lambda: client.browsers.create(telemetry={"browser": {"network": {"enabled": True}}, "enabled": False}))
    attempt("order", lambda: client.browsers.telemetry.events("nothing", order="desc", since="5m"))
    attempt("stream", lambda: client.browsers.telemetry.stream("nothing"))
    wrong = kernel.Kernel(api_key="wrong", base_url=base_url, max_retries=0)
    attempt("key", lambda: wrong.browsers.list())
    return seen


def curl():
    client = sync_client()
    browser = client.browsers.create(headless=True, telemetry=telemetry)
    answer = client.browsers.curl(browser.session_id, url=os.environ["PAGE_URL"], method="GET")
    types = []
    with client.browsers.telemetry.stream(browser.session_id, replay="all", type=["api_call"]) as stream:
        for envelope in stream:
            types.append([envelope.event.type, envelope.event.data.operation_id, envelope.event.data.status])
            break
    client.browsers.delete_by_id(browser.session_id)
    return {"status": answer.status, "body": answer.body, "types": types, "sent": sent}


def destinations():
    client = sync_client()
    made = client.telemetry.destinations.create(name="collector", endpoint=os.environ["PAGE_URL"], headers={"X-Secret": "s3cret"})
    listed = [[one.name, one.headers] for one in client.telemetry.destinations.list()]
    changed = client.telemetry.destinations.update("collector", headers={"X-Other": "1"}, description="of the tests")
    browser = client.browsers.create(headless=True, telemetry={"enabled": True, "export": {"otlp": {"destination": {"name": "collector"}}}})
    conflict = None
    try:
        client.with_options(max_retries=0).telemetry.destinations.delete("collector")
    except kernel.ConflictError as error:
        conflict = error.body["code"]
    client.browsers.delete_by_id(browser.session_id)
    client.telemetry.destinations.delete("collector")
    return {
        "made": [made.name, made.headers, made.consecutive_failures],
        "listed": listed,
        "changed": [sorted(changed.headers), changed.description],
        "export": [browser.telemetry.export.otlp.enabled, browser.telemetry.export.otlp.destination == made.id],
        "conflict": conflict,
        "left": [one.name for one in client.telemetry.destinations.list()],
    }


scenarios = {
    "all_sync": all_sync,
    "all_async": lambda: asyncio.run(all_async()),
    "by_control": by_control,
    "stale_token": stale_token,
    "idle": idle,
    "update_rows": update_rows,
    "failures": failures,
    "curl": curl,
    "destinations": destinations,
}
print(json.dumps(scenarios[scenario]()))
