# Holds documents against the schemas of a directory: validate.py DIR < [{"schema": NAME, "text": JSON}, …]
# prints a list with what is wrong with each, or "".
import json, pathlib, sys
import jsonschema, referencing

schemas = [json.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).iterdir()]
for s in schemas:
    jsonschema.Draft202012Validator.check_schema(s)
registry = referencing.Registry().with_resources((s["$id"], referencing.Resource.from_contents(s)) for s in schemas)
judges = {s["$id"].rsplit("/", 1)[1].split(".")[0]: jsonschema.Draft202012Validator(s, registry=registry) for s in schemas}


def wrong(d):
    try:
        text = json.loads(d["text"])
    except ValueError as e:
        return str(e)
    e = jsonschema.exceptions.best_match(judges[d["schema"]].iter_errors(text))
    return "" if e is None else f"{e.json_path}: {e.message[:500]}"


print(json.dumps([wrong(d) for d in json.load(sys.stdin)]))
