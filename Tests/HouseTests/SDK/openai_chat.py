"""What the OpenAI SDK makes of a node: only the base URL and the key are changed.

usage: openai_chat.py BASE_URL SIMULATOR_URL        keys in MARTLET_KEY and MARTLET_NARROW_KEY

Routes: `assistant` (one model), `limited` (short time limits).
The simulator behind them takes its orders from the request's metadata member `sim`.
Prints one line for each behaviour and ends with the number of those that failed.
"""

import asyncio
import json
import os
import sys
import traceback
import urllib.request

import openai

BASE_URL, SIMULATOR_URL = sys.argv[1:3]
KEY, NARROW_KEY = os.environ["MARTLET_KEY"], os.environ["MARTLET_NARROW_KEY"]
HELLO = [{"role": "user", "content": "Hello"}]
TOOLS = [{
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Wetter für \"einen\" Ort",
        "parameters": {"type": "object", "properties": {"model": {"type": "string"}, "max_tokens": {"type": "integer"}}},
    },
}]
behaviours = []


def behaviour(function):
    behaviours.append(function)
    return function


def client(key=KEY, **options):
    return openai.OpenAI(base_url=BASE_URL, api_key=key, max_retries=0, timeout=30, **options)


def ask(**options):
    return client().chat.completions.create(**{"model": "assistant", "messages": HELLO} | options)


def sim(knobs, **options):
    """The simulator obeys `knobs` in its answer to this request."""
    return ask(**{"metadata": {"sim": knobs}} | options)


def raised(kind, call):
    """The error that `call` raises, which is of exactly this class."""
    try:
        call()
    except openai.OpenAIError as error:
        assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}: {error}"
        return error
    raise AssertionError(f"nothing was raised instead of {kind.__name__}")


def last_request():
    with urllib.request.urlopen(f"{SIMULATOR_URL}/_sim/last") as reply:
        return json.load(reply)


@behaviour
def a_whole_answer_with_its_usage():
    answer = sim("prompt=11;cached=4;completion=9;echo")
    assert answer.choices[0].message.content == "Hello"
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (11, 9)
    assert answer.usage.prompt_tokens_details.cached_tokens == 4


@behaviour
def the_governance_headers_of_a_raw_reply():
    raw = client().chat.completions.with_raw_response.create(model="assistant", messages=HELLO)
    assert raw.headers["martlet-model"] == "simulated/model", raw.headers
    assert raw.headers["martlet-provider"] == "simulated"
    assert raw.headers["martlet-attempts"] == "1"
    assert float(raw.headers["martlet-cost-usd"]) > 0
    seq, head = raw.headers["martlet-snapshot"].split(".")
    assert int(seq) >= 1 and int(head) >= 1
    assert raw.request_id and raw.request_id == raw.headers["martlet-request-id"] == raw.headers["x-request-id"]
    assert raw.parse().choices[0].message.content


@behaviour
def a_stream_without_usage_shows_none():
    chunks = list(sim("chunks=5", stream=True))
    assert all(chunk.choices for chunk in chunks), "a chunk without choices reached the caller"
    assert all(not chunk.usage for chunk in chunks)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "word1 word2 word3 word4 word5 "
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert json.loads(last_request()["body"])["stream_options"] == {"include_usage": True}


@behaviour
def a_stream_with_usage_ends_with_it():
    chunks = list(sim("chunks=3;prompt=8;completion=6", stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 14
    assert all(chunk.choices for chunk in chunks[:-1])


@behaviour
def a_stream_that_asks_for_no_usage_shows_none():
    chunks = list(sim("chunks=2", stream=True, stream_options={"include_usage": False}))
    assert all(chunk.choices and not chunk.usage for chunk in chunks)


@behaviour
def the_sdk_s_own_stream_helper():
    with client().chat.completions.stream(model="assistant", messages=HELLO, metadata={"sim": "chunks=3"}) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_completion()
    assert "content.delta" in kinds and "content.done" in kinds, kinds
    assert final.choices[0].message.content == "word1 word2 word3 "


@behaviour
def tools_pass_through_as_they_came():
    answer = sim("tool", tools=TOOLS, tool_choice="auto", parallel_tool_calls=False)
    call = answer.choices[0].message.tool_calls[0]
    assert (call.function.name, call.function.arguments) == ("get_weather", "{}")
    assert answer.choices[0].finish_reason == "tool_calls"
    sent = json.loads(last_request()["body"])
    assert sent["tools"] == TOOLS and sent["tool_choice"] == "auto" and sent["parallel_tool_calls"] is False


@behaviour
def tools_in_a_stream():
    chunks = list(sim("tool", tools=TOOLS, stream=True))
    calls = [c for chunk in chunks for c in chunk.choices[0].delta.tool_calls or []]
    assert calls[0].function.name == "get_weather"
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


@behaviour
def a_conversation_with_tool_results_and_pictures():
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "Was ist das? 🌤"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        ]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{\"model\":\"x\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "{\"stream\": true}"},
    ]
    ask(messages=messages, response_format={"type": "json_object"}, temperature=0.5, seed=7, stop=["\n"])
    sent = json.loads(last_request()["body"])
    assert sent["messages"] == messages and sent["response_format"] == {"type": "json_object"}
    assert (sent["temperature"], sent["seed"], sent["stop"]) == (0.5, 7, ["\n"])


@behaviour
def the_provider_sees_its_own_model_name_and_the_smallest_cap():
    ask(max_tokens=100_000, user="ann")
    sent = json.loads(last_request()["body"])
    assert sent["model"].startswith("sim-model") and sent["max_tokens"] == 512 and sent["user"] == "ann"
    ask(max_completion_tokens=7)
    sent = json.loads(last_request()["body"])
    assert sent.get("max_tokens") == 7 and "max_completion_tokens" not in sent
    ask()
    assert json.loads(last_request()["body"])["max_tokens"] == 512


@behaviour
def the_provider_sees_neither_key_nor_organisation():
    client(organization="org-secret", project="proj-secret", default_headers={"cookie": "a=b"}).chat.completions.create(
        model="assistant", messages=HELLO)
    headers = {name.lower(): value for name, value in last_request()["headers"]}
    assert KEY not in str(headers) and "secret" not in str(headers) and "cookie" not in headers, headers
    assert headers["accept-encoding"] == "identity" and "x-stainless-lang" in headers


@behaviour
def twenty_streams_at_once_on_the_async_client():
    async def run():
        async with openai.AsyncOpenAI(base_url=BASE_URL, api_key=KEY, max_retries=0, timeout=60) as asynchronous:
            async def one(number):
                stream = await asynchronous.chat.completions.create(
                    model="assistant", messages=HELLO, stream=True, metadata={"sim": f"chunks={number};delay=5"})
                return len([1 async for chunk in stream if chunk.choices[0].delta.content])
            return await asyncio.gather(*(one(number) for number in range(1, 21)))
    assert asyncio.run(run()) == list(range(1, 21))


@behaviour
def a_whole_answer_on_the_async_client():
    async def run():
        async with openai.AsyncOpenAI(base_url=BASE_URL, api_key=KEY, max_retries=0, timeout=30) as asynchronous:
            answer = await asynchronous.chat.completions.create(model="assistant", messages=HELLO)
            try:
                await asynchronous.chat.completions.create(model="none", messages=HELLO)
            except openai.NotFoundError as error:
                return answer, error.code
    answer, code = asyncio.run(run())
    assert answer.choices[0].message.content and code == "model_not_found"


@behaviour
def the_models_of_the_key():
    names = [model.id for model in client().models.list()]
    assert names == sorted(names) and "assistant" in names and "simulated/model" not in names, names
    model = client().models.retrieve("assistant")
    assert (model.id, model.object, model.owned_by) == ("assistant", "model", "martlet")
    assert raised(openai.NotFoundError, lambda: client().models.retrieve("none")).code == "model_not_found"
    narrow = [model.id for model in client(NARROW_KEY).models.list()]
    assert narrow == ["simulated/model"], narrow
    assert client(NARROW_KEY).models.retrieve("simulated/model").owned_by == "simulated"


@behaviour
def a_model_by_its_own_name_for_a_key_that_may():
    answer = client(NARROW_KEY).chat.completions.create(model="simulated/model", messages=HELLO)
    assert answer.choices[0].message.content


@behaviour
def a_bad_request_of_the_caller():
    error = raised(openai.BadRequestError, lambda: ask(max_tokens=0))
    assert (error.code, error.type, error.param) == ("invalid_request", "invalid_request_error", "max_tokens")
    assert error.request_id == error.response.headers["martlet-request-id"]
    assert error.response.headers["martlet-error"] == "invalid_request"
    escaped = raised(openai.BadRequestError, lambda: ask(extra_body={"Model": "other"}))
    assert escaped.param == "model", escaped.body


@behaviour
def a_bad_request_that_the_provider_refused():
    error = raised(openai.BadRequestError, lambda: sim("status=400"))
    assert error.code == "invalid_request" and error.message
    assert raised(openai.NotFoundError, lambda: sim("status=404")).status_code == 404
    assert raised(openai.ConflictError, lambda: sim("status=409")).status_code == 409
    assert raised(openai.UnprocessableEntityError, lambda: sim("status=422")).status_code == 422
    assert raised(openai.BadRequestError, lambda: sim("status=400", stream=True)).code == "invalid_request"


@behaviour
def a_key_that_is_unknown():
    error = raised(openai.AuthenticationError, lambda: client("mk_" + "a" * 49).chat.completions.create(
        model="assistant", messages=HELLO))
    assert (error.status_code, error.code) == (401, "invalid_api_key")
    raised(openai.AuthenticationError, lambda: client("sk-something").models.list())


@behaviour
def a_route_that_the_key_may_not_use():
    error = raised(openai.PermissionDeniedError, lambda: client(NARROW_KEY).chat.completions.create(
        model="assistant", messages=HELLO))
    assert (error.status_code, error.code, error.param) == (403, "model_not_allowed", "model")
    assert error.response.headers["x-should-retry"] == "false"


@behaviour
def a_route_that_does_not_exist():
    error = raised(openai.NotFoundError, lambda: ask(model="no-such-route"))
    assert (error.code, error.param, error.type) == ("model_not_found", "model", "invalid_request_error")


@behaviour
def a_provider_that_limits_us():
    error = raised(openai.RateLimitError, lambda: sim("status=429;retry-after=7"))
    assert (error.code, error.type) == ("upstream_rate_limited", "rate_limit_error")
    assert 1 <= int(error.response.headers["retry-after"]) <= 60


@behaviour
def a_provider_that_fails():
    error = raised(openai.InternalServerError, lambda: sim("status=500"))
    assert (error.status_code, error.code, error.type) == (502, "upstream_error", "server_error")
    assert error.response.headers["x-should-retry"] == "false" and isinstance(error, openai.APIStatusError)
    busy = raised(openai.InternalServerError, lambda: sim("status=529"))
    assert (busy.status_code, busy.code) == (503, "overloaded") and int(busy.response.headers["retry-after"]) >= 1
    raised(openai.InternalServerError, lambda: sim("status=503", stream=True))


@behaviour
def a_provider_that_does_not_answer_in_time():
    for options in [{}, {"stream": True}]:
        error = raised(openai.InternalServerError, lambda: sim("hang", model="limited", **options))
        assert (error.status_code, error.code) == (504, "upstream_timeout")
        assert error.response.headers["x-should-retry"] == "false"


@behaviour
def the_sdk_repeats_no_attempt_that_was_billed():
    with urllib.request.urlopen(f"{SIMULATOR_URL}/_sim/counts") as reply:
        before = json.load(reply)["requests"]
    eager = openai.OpenAI(base_url=BASE_URL, api_key=KEY, max_retries=3, timeout=30)
    raised(openai.InternalServerError, lambda: eager.chat.completions.create(
        model="limited", messages=HELLO, metadata={"sim": "hang"}))
    with urllib.request.urlopen(f"{SIMULATOR_URL}/_sim/counts") as reply:
        assert json.load(reply)["requests"] == before + 1


def broken_stream(knobs, **options):
    seen = []
    try:
        for chunk in sim(knobs, stream=True, **options):
            seen.append(chunk)
    except openai.APIError as error:
        assert type(error) is openai.APIError, type(error)
        return seen, error
    raise AssertionError(f"a broken stream looked whole ({knobs})")


@behaviour
def a_stream_that_breaks_in_its_middle_is_an_error():
    for knobs in ["chunks=5;error=2", "chunks=5;cut=2", "chunks=5;nodone"]:
        seen, error = broken_stream(knobs)
        assert seen and seen[0].choices[0].delta.content == "word1 ", knobs
        assert error.body["code"] == "upstream_error" and error.body["type"] == "server_error", error.body


@behaviour
def a_stream_that_stalls_is_an_error():
    seen, error = broken_stream("chunks=5;delay=20000", model="limited")
    assert seen and error.body["code"] == "upstream_timeout", error.body


@behaviour
def a_whole_answer_that_is_cut_is_an_error():
    error = raised(openai.InternalServerError, lambda: sim("cut=1;bytes=2000"))
    assert (error.status_code, error.code) == (502, "upstream_error")


@behaviour
def a_caller_that_leaves_a_stream():
    stream = sim("chunks=50;delay=5", stream=True)
    next(iter(stream))
    stream.close()
    assert ask().choices[0].message.content


failed = 0
for function in behaviours:
    try:
        function()
        print(f"ok      {function.__name__}")
    except Exception:
        failed += 1
        print(f"FAILED  {function.__name__}\n{traceback.format_exc()}")
print(f"{len(behaviours)} behaviours, {failed} failed, openai {openai.__version__}")
sys.exit(1 if failed else 0)
