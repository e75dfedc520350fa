#!/usr/bin/env bash
# Checks template.yaml (`sam validate --lint` on it, and cfn-lint on the CloudFormation it is translated into) and
# the OpenAPI file (against the OpenAPI 3.1 schema).
#
# Usage: tests/deploy/validate.sh [VENV]
# VENV (default: target/deploy-venv) is made, from requirements.txt, when it is missing or out of date.
# No AWS account, no credentials, and no network beyond the package index.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${1:-"${CARGO_TARGET_DIR:-$root/target}/deploy-venv"}
region=us-east-1

export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$region

"$here/venv.sh" "$venv" "$here/requirements.txt"

translated="$venv/translated.json"

"$venv/bin/sam" validate --lint --region "$region" --template-file "$root/template.yaml"
"$venv/bin/python" "$here/translate.py" "$root/template.yaml" > "$translated"
# All regions would ask for services that some do not offer; the stack names none of them.
"$venv/bin/cfn-lint" --regions "$region" --template "$translated"
"$venv/bin/openapi-spec-validator" "$root/functions/enqueue/openapi.yaml"
echo "template.yaml: sam validate --lint and cfn-lint passed"
