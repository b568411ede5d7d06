"""The AWS emulator of the Terraform suite: moto with the gaps closed that these stacks run into.

usage: python3 moto_extended.py -H 127.0.0.1 -p PORT

Each section says what AWS does and moto does not. The patches reach into moto's own classes, so the version is pinned.
"""

import copy
import functools
import html
import json
import logging
import os
import re
import sys
import threading
from urllib.parse import quote

MOTO_VERSION = "5.2.1"

# Roles attach policies that AWS manages, which moto only knows when asked to load them.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
# Every caller may do everything; what roles may do is proven elsewhere, by a policy simulator.
os.environ.setdefault("INITIAL_NO_AUTH_ACTION_COUNT", "inf")

import moto  # noqa: E402

if moto.__version__ != MOTO_VERSION:
    sys.exit(f"moto {MOTO_VERSION} is needed, {moto.__version__} is installed: pip install 'moto[server]=={MOTO_VERSION}'")

import jsonpath_ng.ext as jsonpath  # noqa: E402
from moto.apigateway.models import RestAPI  # noqa: E402
from moto.apigateway.responses import APIGatewayResponse  # noqa: E402
from moto.awslambda.models import LambdaBackend, LambdaFunction  # noqa: E402
from moto.cloudwatch.responses import CloudWatchResponse  # noqa: E402
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends  # noqa: E402
from moto.events.models import Rule  # noqa: E402
from moto.events.utils import EventTemplateParser  # noqa: E402
from moto.iam.access_control import IAMPolicyStatement, PermissionResult  # noqa: E402
from moto.s3.models import FakeDeleteMarker, S3Backend  # noqa: E402
from moto.s3.responses import S3Response  # noqa: E402
from moto.sqs.models import Queue, sqs_backends  # noqa: E402


def replaces(owner, name):
    """Puts a function in the place of a method; the function gets the replaced one as its first argument."""

    def decorate(function):
        original = getattr(owner, name)
        setattr(owner, name, functools.wraps(original)(lambda *args, **kwargs: function(original, *args, **kwargs)))
        return function

    return decorate


# SQS answers RedriveAllowPolicy as it was set, writes RedrivePolicy without spaces, and keeps Policy when other attributes are set.

Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
Queue.redrive_allow_policy = None
_queue_attributes = Queue.attributes.fget


def queue_attributes(queue):
    attributes = _queue_attributes(queue)
    if queue.redrive_policy:
        attributes["RedrivePolicy"] = json.dumps(queue.redrive_policy, separators=(",", ":"))
    if not attributes.get("RedriveAllowPolicy"):
        attributes.pop("RedriveAllowPolicy", None)
    return attributes


Queue.attributes = property(queue_attributes)


@replaces(Queue, "_set_attributes")
def set_attributes(original, queue, attributes, now=None):
    policy = getattr(queue, "policy", None)
    original(queue, attributes, now)
    if "Policy" not in attributes:
        queue.policy = policy


# Lambda answers the key, the dead letters and the log settings of a function, and updates tracing and storage.

ECHOED = ("KMSKeyArn", "DeadLetterConfig", "LoggingConfig")


@replaces(LambdaFunction, "__init__")
def create_function(original, function, account_id, spec, *args, **kwargs):
    original(function, account_id, spec, *args, **kwargs)
    function.echoed = {name: spec[name] for name in ECHOED if spec.get(name)}


@replaces(LambdaFunction, "get_configuration")
def get_configuration(original, function, *args, **kwargs):
    return {**original(function, *args, **kwargs), **getattr(function, "echoed", {})}


@replaces(LambdaFunction, "update_configuration")
def update_configuration(original, function, updates):
    function.echoed.update({name: updates[name] for name in ECHOED if name in updates})
    if "TracingConfig" in updates:
        function.tracing_config = updates["TracingConfig"]
    if "EphemeralStorage" in updates:
        function.ephemeral_storage = updates["EphemeralStorage"]["Size"]
    return original(function, updates)


# An event source mapping is a setting here and nothing more: the suite's own Lambda host reads the queues and streams.
# Moto would start containers for it and, without Docker, fail every SendMessage and swallow every stream record.


@replaces(LambdaBackend, "create_event_source_mapping")
def create_event_source_mapping(original, backend, spec):
    mapping = original(backend, spec)
    if spec.get("FunctionName", "").startswith("arn:"):
        mapping.function_arn = spec["FunctionName"]
    queues = sqs_backends[backend.account_id][backend.region_name].queues
    tables = dynamodb_backends[backend.account_id][backend.region_name].tables
    for source in [*queues.values(), *tables.values()]:
        source.lambda_event_source_mappings.clear()
    return mapping


# A REST API is created with the binary media types that were asked for; a patch has them in its path, with / as ~1.


@replaces(APIGatewayResponse, "create_rest_api")
def create_rest_api(original, response):
    answer = original(response)
    created = json.loads(answer[-1]).get("id")
    if created is not None:
        response.backend.get_rest_api(created).binaryMediaTypes = response._get_param("binaryMediaTypes") or []
    return answer


@replaces(RestAPI, "apply_patch_operations")
def apply_patch_operations(original, api, operations):
    prefix = "/binaryMediaTypes/"
    types = {op["path"]: op["path"].removeprefix(prefix).replace("~1", "/") for op in operations if op["path"].startswith(prefix)}
    original(api, [{**op, "value": types[op["path"]]} if op["path"] in types else op for op in operations])


# A composite alarm is kept like any other.

CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm


# A statement whose condition does not hold says nothing; moto takes it for a denial, and would lock every bucket that asks for TLS.

REQUEST_CONTEXT = {"aws:SecureTransport": "true"}
EQUALITY = ("Bool", "StringEquals", "StringLike", "ArnEquals", "ArnLike")


def holds(condition):
    for operator, wanted in (condition or {}).items():
        for key, values in wanted.items():
            if key not in REQUEST_CONTEXT:
                return operator.endswith("IfExists")
            allowed = [str(value).lower() for value in (values if isinstance(values, list) else [values])]
            if operator in EQUALITY and REQUEST_CONTEXT[key] not in allowed:
                return False
    return True


@replaces(IAMPolicyStatement, "is_action_permitted")
def is_action_permitted(original, statement, action, resource="*", principal=None, conditions=None):
    written = statement._statement
    if principal or "Condition" not in written:
        return original(statement, action, resource, principal, conditions)
    if not holds(written["Condition"]):
        return PermissionResult.NEUTRAL
    unconditional = IAMPolicyStatement({key: value for key, value in written.items() if key != "Condition"})
    return original(unconditional, action, resource, principal, conditions)


# The default retention of a bucket can be set and taken away while objects are in it.


def put_object_lock_configuration(backend, bucket_name, lock_enabled, mode=None, days=None, years=None):
    bucket = backend.get_bucket(bucket_name)
    if lock_enabled:
        bucket.object_lock_enabled = True
        bucket.versioning_status = "Enabled"
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years


S3Backend.put_object_lock_configuration = put_object_lock_configuration


# Terraform asks for the keys of versions in URL encoding and decodes them; moto does not encode, and keys with % in them are not found again.


@replaces(S3Response, "list_object_versions")
def list_object_versions(original, response):
    status, headers, body = original(response)
    if response.querystring.get("encoding-type") != ["url"]:
        return status, headers, body
    encoded = re.sub(r"(?<=<Key>)[^<]*(?=</Key>)", lambda key: quote(html.unescape(key[0])), body)
    return status, headers, encoded.replace("<IsTruncated>", "<EncodingType>url</EncodingType><IsTruncated>", 1)


# A bucket whose versioning was suspended, as Terraform does before it destroys one, can still be emptied of delete markers.

FakeDeleteMarker.dispose = lambda marker: None


# One DynamoDB operation at a time: moto checks a condition and writes in two steps, so two writers can both win.

TABLES = threading.RLock()


def one_at_a_time(original, *args, **kwargs):
    with TABLES:
        return original(*args, **kwargs)


for operation in ("put_item", "get_item", "query", "scan", "update_item", "delete_item", "batch_get_item", "transact_write_items"):
    replaces(DynamoDBBackend, operation)(one_at_a_time)


# EventBridge sends the account with an event; and moto builds its JSONPath grammar anew for every target, which takes 0.3 s.

jsonpath.parse = functools.lru_cache(maxsize=256)(jsonpath.parse)
EVENT_FIELDS = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
_render = EventTemplateParser.parse


def render_event(input_template, input_paths_map, event):
    if input_template:
        return _render(input_template, input_paths_map, event)
    return copy.deepcopy({field: event[field] for field in EVENT_FIELDS if field in event})


EventTemplateParser.parse = staticmethod(render_event)


# A rule may have a function as its target; moto fails the whole PutEvents for it. Here nothing is invoked by a rule, as with mappings.


@replaces(Rule, "send_to_targets")
def send_to_targets(original, rule, event, transform_input=True):
    reached = copy.copy(rule)
    reached.targets = [target for target in rule.targets if ":lambda:" not in target["Arn"]]
    original(reached, event, transform_input)


if __name__ == "__main__":
    from moto.server import main

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    main(sys.argv[1:])
