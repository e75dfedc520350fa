"""Translates a SAM template into the CloudFormation template that is deployed, without an AWS account.

Usage: translate.py TEMPLATE.yaml > cloudformation.json

`CodeUri` becomes a placeholder object, as `sam package` would make it: the translator asks for a location in S3.
"""

import json
import sys

from samcli.yamlhelper import parse_yaml_file
from samtranslator.translator.translator import Translator
from samtranslator.parser.parser import Parser

PLACEHOLDER = {"Bucket": "code-bucket", "Key": "function.zip"}


def main(path: str) -> None:
    template = parse_yaml_file(path)
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = PLACEHOLDER
    translator = Translator(managed_policy_map={}, sam_parser=Parser())
    json.dump(translator.translate(template, {}), sys.stdout, indent=2)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
