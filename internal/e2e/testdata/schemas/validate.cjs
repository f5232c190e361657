// As validate.py, by ajv: validate.cjs AJV DIR.
const Ajv = require(process.argv[2]).default;
const fs = require("fs"), path = require("path");

const dir = process.argv[3];
const schemas = fs.readdirSync(dir).map((f) => JSON.parse(fs.readFileSync(path.join(dir, f), "utf8")));
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false, strictRequired: false, validateFormats: false, schemas });
const judges = Object.fromEntries(schemas.map((s) => [path.basename(s.$id).split(".")[0], ajv.getSchema(s.$id)]));

const documents = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(documents.map((d) => {
  try {
    const judge = judges[d.schema];
    return judge(JSON.parse(d.text)) ? "" : ajv.errorsText(judge.errors).slice(0, 500) || "wrong";
  } catch (e) {
    return String(e);
  }
})));
