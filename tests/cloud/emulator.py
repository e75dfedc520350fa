"""Runs ministack, as strict as AWS in what matters here.

Usage: emulator.py ANSWERS.log   with ministack's own environment (GATEWAY_PORT, BIND_HOST, …)

- An answer to an SQS batch that AWS would not take (no `batchItemFailures`, an identifier that was not in the batch)
  fails the whole batch, as there; ministack takes it for a success. Each is a line in ANSWERS.log.
- `MaximumConcurrency` may be text, which is what CloudFormation passes for a parameter of type Number.
- EventBridge invokes a function asynchronously, so that Lambda tries it again when it fails.
- It ends with the process that started it.
"""

import json
import os
import signal
import sys
import threading
import time

from ministack import app
from ministack.services import eventbridge, lambda_svc


def complaint(answer, sent):
    """What AWS has against an answer to a batch whose messages have the ids `sent`; None when nothing."""
    if not isinstance(answer, dict) or not isinstance(answer.get("batchItemFailures"), list):
        return f"it has no list of batchItemFailures: {answer!r}"
    for failure in answer["batchItemFailures"]:
        identifier = failure.get("itemIdentifier") if isinstance(failure, dict) else None
        if identifier not in sent:
            return f"{identifier!r} is not a message of the batch"
    return None


def strict(execute, log):
    def checked(function, event):
        result = execute(function, event)
        records = event.get("Records") if isinstance(event, dict) else None
        if result.get("error") or not records or records[0].get("eventSource") != "aws:sqs":
            return result
        wrong = complaint(result.get("body"), {record["messageId"] for record in records})
        if wrong is None:
            return result
        with open(log, "a", encoding="utf-8") as lines:
            lines.write(f"{records[0]['eventSourceARN']}: {wrong}\n")
        return {"error": True, "body": {"errorType": "InvalidBatchResponse", "errorMessage": wrong}}

    return checked


def in_numbers(concurrency):
    return lambda *arguments: int(concurrency(*arguments))


def invoke_asynchronously(arn, payload):
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        raise LookupError(f"there is no function {name}")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), json.loads(payload))


def end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lambda_svc._execute_function = strict(lambda_svc._execute_function, sys.argv.pop())
    lambda_svc._sqs_esm_concurrency = in_numbers(lambda_svc._sqs_esm_concurrency)
    eventbridge._dispatch_to_lambda = invoke_asynchronously
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    app.main()
