"""Prints the message of every debug task as one line of JSON: [task, host, message]."""
import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: oracle
type: stdout
short_description: messages of debug tasks as JSON
description: one line for each message
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "oracle"

    def _tell(self, result):
        if result._task.action.endswith("debug") and "msg" in result._result and not result._result.get("skipped"):
            print(json.dumps([result._task.get_name(), result._host.get_name(), result._result["msg"]]))

    def v2_runner_on_ok(self, result):
        if "results" not in result._result:
            self._tell(result)

    def v2_runner_item_on_ok(self, result):
        self._tell(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        print(json.dumps(["FAILED " + result._task.get_name(), result._host.get_name(), str(result._result.get("msg"))]))
