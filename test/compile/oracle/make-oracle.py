#!/usr/bin/env python3
"""Asks ansible-playbook what each project in this directory does, and writes its answer to expected.json beside it.

Run it from this directory with ansible-core installed: ./make-oracle.py
"""
import json
import os
import pathlib
import subprocess

ENVIRONMENT = {
    **os.environ,
    "ANSIBLE_CALLBACK_PLUGINS": str(pathlib.Path("callback").resolve()),
    "ANSIBLE_STDOUT_CALLBACK": "oracle",
    "PYTHONDONTWRITEBYTECODE": "1",
}

for project in sorted(path for path in pathlib.Path(".").iterdir() if (path / "site.yml").exists()):
    command = ["ansible-playbook", "-i", "hosts.yml", "site.yml", *(project / "args").read_text().split()]
    run = subprocess.run(command, cwd=project, env=ENVIRONMENT, capture_output=True, text=True)
    messages = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("[")]
    listing = subprocess.run([*command, "--list-tasks", "--list-tags"], cwd=project, capture_output=True, text=True, check=True)
    answer = {"ansible-core": "2.14.18", "messages": messages, "list": listing.stdout.splitlines()}
    text = ",\n".join(f'  "{key}": ' + (json.dumps(value) if isinstance(value, str) else "[\n" + ",\n".join("    " + json.dumps(item) for item in value) + "\n  ]") for key, value in answer.items())
    (project / "expected.json").write_text("{\n" + text + "\n}\n")
    print(project, run.returncode, len(messages), run.stderr)
