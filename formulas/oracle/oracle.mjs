// What HyperFormula gives for the cases of the formula language that mean the same in both.
//
// Reads `../tests/cases/*.txt` and writes `../tests/oracle.txt`, where `tests/oracle.rs` compares our values with
// its. The lines of the section `# different` stay as they are but for HyperFormula's value: they are the cases in
// which we differ on purpose, each under a comment with the reason.
//
// A case takes part if it mentions no field, no function that HyperFormula lacks, and no syntax of ours alone.
// Each `LIST(…)` becomes a range of cells, so that lists meet the rules for ranges.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HyperFormula } from "hyperformula";

const tests = new URL("../tests/", import.meta.url);
const target = fileURLToPath(new URL("oracle.txt", tests));
const known = new Set(HyperFormula.getRegisteredFunctionNames("enGB"));
// Same name, another meaning: not to be asked.
const unlike = new Set(["FILTER", "SORT", "UNIQUE", "CONCATENATE", "SEQUENCE", "NOW", "TODAY", "RAND", "REPT", "SPLIT", "DATEVALUE", "TIMEVALUE", "TEXT", "VALUE", "VERSION"]);
// Cases of other dialects, languages and time zones.
const otherwise = /airtable|feishu|zone|locale|format|parse|moment/;
// Takes HyperFormula minutes or longer: it counts up to large numbers, and its patterns backtrack.
const endless = /[1-9]e(?:[89]|1\d)\b|(?:\*a){5}/;
// Full precision: by default results are rounded to ten decimals.
const options = { licenseKey: "gpl-v3", smartRounding: false };

/** The parts of a formula that are text literals, and those between them. */
function parts(formula) {
  return formula.split(/("(?:[^"\\]|\\.)*")/);
}

function isLiteral(part) {
  return part.startsWith('"');
}

function isShared(formula) {
  const code = parts(formula).filter((part) => !isLiteral(part)).join('""');
  const names = [...code.matchAll(/([A-Z][A-Z0-9.]*)\s*\(/gi)].map((match) => match[1].toUpperCase());
  const words = code.replace(/[A-Z][A-Z0-9.]*\s*\(|\b(?:TRUE|FALSE)\b|\d[eE]/gi, "");
  const foreign = /[{}[\]]|"\s*\.|\d\.[A-Z]|[^\x20-\x7e]|_|CurrentValue|&&|\|\||!=|==|\)\.|\/\/|\/\*|'|BLANK|\\/;
  const text = parts(formula).filter(isLiteral).join("");
  return (
    names.some((name) => name !== "LIST") &&
    !foreign.test(code) &&
    !/[A-Z]/i.test(words) &&
    !endless.test(formula) &&
    !text.includes("\\") &&
    names.every((name) => (known.has(name) || name === "LIST") && !unlike.has(name))
  );
}

/** The arguments of the call whose parenthesis opens at `open`, and where it closes. */
function args(code, open) {
  const out = [];
  let depth = 0;
  let quoted = false;
  let start = open + 1;
  for (let at = open; at < code.length; at += 1) {
    const char = code[at];
    if (char === '"') quoted = !quoted;
    if (quoted) continue;
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth === 0 || (depth === 1 && char === ",")) {
      out.push(code.slice(start, at).trim());
      start = at + 1;
    }
    if (depth === 0) return { items: out.filter((item) => item !== ""), end: at + 1 };
  }
  throw new Error(`no end of a call in ${code}`);
}

/** A formula whose lists are columns of the sheet, from the second on. */
function translate(formula) {
  const columns = [];
  let code = parts(formula)
    .map((part) => (isLiteral(part) ? part : part.replace(/\b(TRUE|FALSE)\b(?!\s*\()/gi, "$1()")))
    .join("");
  for (let at = code.search(/\bLIST\(/); at >= 0; at = code.search(/\bLIST\(/)) {
    const { items, end } = args(code, at + 4);
    const column = String.fromCharCode(66 + columns.length);
    columns.push(items);
    code = `${code.slice(0, at)}${column}1:${column}${Math.max(items.length, 1)}${code.slice(end)}`;
  }
  const height = Math.max(1, ...columns.map((items) => items.length));
  const cell = (item) => (item === undefined ? null : `=${item}`);
  return Array.from({ length: height }, (_, row) => [
    row === 0 ? `=${code}` : null,
    ...columns.map((items) => cell(items[row])),
  ]);
}

function show(sheets) {
  const at = { sheet: 0, row: 0, col: 0 };
  const value = sheets.getCellValue(at);
  if (value === null || value === undefined || value === "") return value === "" ? '""' : "blank";
  if (typeof value === "object") return value.value;
  if (typeof value === "string") return JSON.stringify(value);
  const kind = sheets.getCellValueDetailedType(at);
  if (kind === "NUMBER_DATE") {
    const { year, month, day } = sheets.numberToDate(value);
    return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  }
  return String(value);
}

const sheet = HyperFormula.buildFromArray([[null]], options);

function ask(formula) {
  sheet.setSheetContent(0, translate(formula));
  return show(sheet);
}

function cases() {
  const dir = new URL("cases/", tests);
  const files = readdirSync(dir).filter((name) => name.endsWith(".txt") && !otherwise.test(name)).sort();
  const lines = files.flatMap((name) => readFileSync(new URL(name, dir), "utf8").split("\n---\n")[1].split("\n"));
  const formulas = lines
    .filter((line) => line.includes(" => ") && !line.startsWith("//") && !line.includes("=> refused"))
    .map((line) => line.split(" => ")[0].trim());
  return [...new Set(formulas)].filter(isShared);
}

const before = readFileSync(target, "utf8");
const [head, , different] = before.split(/^# (?:agreed|different)\n/m);
const kept = different.split("\n").map((line) => {
  const formula = line.split(" => ")[0];
  return line.startsWith("//") || !line.includes(" => ") ? line : `${formula} => ${ask(formula)}`;
});
const apart = new Set(kept.filter((line) => line.includes(" => ")).map((line) => line.split(" => ")[0]));
const agreed = cases().filter((formula) => !apart.has(formula)).map((formula) => `${formula} => ${ask(formula)}`);
writeFileSync(target, `${head}# agreed\n${agreed.join("\n")}\n\n# different\n${kept.join("\n")}`);
console.log(`${agreed.length} cases asked, ${apart.size} of them kept apart`);
