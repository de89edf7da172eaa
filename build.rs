//! Generates a function for each message in `src/words/en-US`, so that a missing message or a wrong number of
//! arguments doesn't compile and an unused one is a warning; and a list of all catalogues, so that adding a
//! language only takes a folder.

#![expect(clippy::disallowed_methods, reason = "Cargo says in the environment where things are")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

/// Command texts are looked up by the names of commands and their choices (`chat::wording`).
const OF_COMMANDS: [&str; 3] = ["command-", "menu-", "choice-"];

/// Arguments a message gets in addition to those in its default-language text.
const ARGUMENTS: &str = "Arguments: ";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/words");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("Cargo says so")).join("src/words");
    let mut made = String::from("use super::{Message, Value};\n\n");
    for file in inside(&root.join("en-US"), "ftl") {
        module(&mut made, &file);
    }
    made.push_str("/// Each language's tag, and its files with their names.\n");
    made.push_str("pub(super) const CATALOGUES: &[(&str, &[(&str, &str)])] = &[\n");
    for folder in inside(&root, "") {
        let _ = writeln!(made, "    ({:?}, &[", named(&folder));
        for file in inside(&folder, "ftl") {
            let _ =
                writeln!(made, "        ({:?}, include_str!({:?})),", named(&file), file.to_string_lossy());
        }
        made.push_str("    ]),\n");
    }
    made.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("Cargo says so")).join("words.rs");
    fs::write(out, made).expect("Cargo has made the folder");
}

/// A folder's files with an extension, or its language folders when no extension is given.
fn inside(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it was listed").path()).collect();
    paths.retain(|path| match ending {
        "" => path.is_dir() && !inside(path, "ftl").is_empty(),
        ending => path.extension().is_some_and(|it| it == ending),
    });
    paths.sort();
    paths
}

fn named(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A module named after a file, with a function for each of its messages. Message ids start with that name,
/// so that no two files define the same one.
fn module(made: &mut String, file: &Path) {
    let (name, text) = (named(file), fs::read_to_string(file).expect("it was listed"));
    let whole = parse(text.as_str()).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.display()));
    let mut functions = BTreeMap::new();
    for entry in &whole.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        if OF_COMMANDS.iter().any(|beginning| id.starts_with(beginning)) {
            continue;
        }
        let own = id.strip_prefix(&name).and_then(|rest| rest.strip_prefix('-'));
        let own = own.unwrap_or_else(|| panic!("{}: {id} has to begin with {name}-", file.display()));
        let pattern = message.value.as_ref().unwrap_or_else(|| panic!("{id} has no text"));
        let mut arguments = Vec::new();
        for line in message.comment.iter().flat_map(|comment| &comment.content) {
            let declared = line.strip_prefix(ARGUMENTS).into_iter().flat_map(|list| list.split(", "));
            arguments.extend(declared.map(|it| it.trim_start_matches('$').to_owned()));
        }
        of_pattern(pattern, &mut arguments);
        let twice = functions.insert(own.replace('-', "_"), (id, arguments));
        assert!(twice.is_none(), "{}: {id} is there twice", file.display());
    }
    if functions.is_empty() {
        return;
    }
    let takes_nothing = functions.values().all(|(_, arguments)| arguments.is_empty());
    let used = if takes_nothing { "Message" } else { "{Message, Value}" };
    let module = name.replace('-', "_");
    let _ = writeln!(
        made,
        "/// The messages of `{name}.ftl`.\npub(crate) mod {module} {{\n    use super::{used};"
    );
    for (function, (id, arguments)) in functions {
        let named = |it: &String| it.replace('-', "_");
        let takes: Vec<String> =
            arguments.iter().map(|it| format!("{}: impl Into<Value>", named(it))).collect();
        let gives: Vec<String> =
            arguments.iter().map(|it| format!("({it:?}, {}.into())", named(it))).collect();
        let _ = writeln!(
            made,
            "    /// `{id}`\n    pub(crate) fn {function}({}) -> Message {{\n        Message::new({id:?}, vec![{}])\n    }}",
            takes.join(", "),
            gives.join(", ")
        );
    }
    made.push_str("}\n\n");
}

/// The arguments of a pattern, in order of appearance.
fn of_pattern(pattern: &Pattern<&str>, found: &mut Vec<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, found);
        }
    }
}

fn of_expression(expression: &Expression<&str>, found: &mut Vec<String>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, found),
        Expression::Select { selector, variants } => {
            of_inline(selector, found);
            for variant in variants {
                of_pattern(&variant.value, found);
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, found: &mut Vec<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            let name = id.name.to_owned();
            if !found.contains(&name) {
                found.push(name);
            }
        }
        InlineExpression::Placeable { expression } => of_expression(expression, found),
        InlineExpression::FunctionReference { arguments: CallArguments { positional, .. }, .. } => {
            for argument in positional {
                of_inline(argument, found);
            }
        }
        _ => {}
    }
}
