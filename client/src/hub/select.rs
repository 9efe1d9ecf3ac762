//! Which files of a repository make up the model. Pure.

use super::{HubError, HubFile, Repository};

/// What is fetched beside the weights.
const BESIDE: [&str; 3] = ["config.json", "generation_config.json", "chat_template.jinja"];

/// The files to fetch: the GGUF file that is named or the only one, or the Hugging Face layout.
///
/// Weights in both layouts are taken as safetensors unless a GGUF file is named: a folder with both would be read
/// as GGUF, and both together would be paid for twice.
pub fn select(
    repository: &Repository,
    files: &[HubFile],
    gguf: Option<&str>,
) -> Result<Vec<HubFile>, HubError> {
    // A model's folder is flat; what is deeper belongs to other programs.
    let top: Vec<&HubFile> = files
        .iter()
        .filter(|file| !file.name.contains(['/', '\\']) && !file.name.starts_with('.'))
        .collect();
    let ggufs: Vec<&HubFile> = top
        .iter()
        .copied()
        .filter(|file| file.name.ends_with(".gguf"))
        .collect();
    if let Some(wanted) = gguf {
        return match ggufs.iter().find(|file| file.name == wanted) {
            Some(file) => Ok(vec![(*file).clone()]),
            None => Err(choose(repository, &ggufs)),
        };
    }
    let weights = weights(&top);
    if !weights.is_empty() && top.iter().any(|file| file.name == "config.json") {
        let beside = top.iter().filter(|file| is_beside(&file.name));
        return Ok(beside.chain(&weights).map(|file| (*file).clone()).collect());
    }
    match ggufs.as_slice() {
        [only] => Ok(vec![(*only).clone()]),
        _ => Err(choose(repository, &ggufs)),
    }
}

fn choose(repository: &Repository, ggufs: &[&HubFile]) -> HubError {
    match ggufs.is_empty() {
        true => HubError::NoModel(repository.to_string()),
        false => HubError::Choose {
            repository: repository.to_string(),
            files: ggufs.iter().map(|file| file.name.clone()).collect(),
        },
    }
}

fn is_beside(name: &str) -> bool {
    BESIDE.contains(&name) || (name.starts_with("tokenizer") && name.ends_with(".json"))
}

/// The weights in one file, or in numbered parts; other safetensors are copies in another form.
fn weights<'a>(top: &[&'a HubFile]) -> Vec<&'a HubFile> {
    let whole = top.iter().find(|file| file.name == "model.safetensors");
    match whole {
        Some(file) => vec![file],
        None => top.iter().copied().filter(|file| is_part(&file.name)).collect(),
    }
}

/// `model-00001-of-00003.safetensors`
fn is_part(name: &str) -> bool {
    let numbers = name
        .strip_prefix("model-")
        .and_then(|rest| rest.strip_suffix(".safetensors"))
        .and_then(|numbers| numbers.split_once("-of-"));
    let number = |text: &str| !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
    numbers.is_some_and(|(part, all)| number(part) && number(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str], gguf: Option<&str>) -> Result<Vec<String>, HubError> {
        let files: Vec<HubFile> = names
            .iter()
            .map(|name| HubFile {
                name: (*name).into(),
                size_bytes: 1,
                sha256: None,
            })
            .collect();
        let selected = select(&"owner/name".parse()?, &files, gguf)?;
        Ok(selected.into_iter().map(|file| file.name).collect())
    }

    #[test]
    fn files_should_be_those_of_the_model_when_the_repository_has_more() {
        let names = [
            ".gitattributes",
            "README.md",
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "model.fp16.safetensors",
            "onnx/model.onnx",
            "onnx/config.json",
            "pytorch_model.bin",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            "model-Q8_0.gguf",
        ];
        assert_eq!(
            chosen(&names, None).expect("a model"),
            [
                "config.json",
                "generation_config.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "chat_template.jinja",
                "model.safetensors"
            ]
        );
        assert_eq!(
            chosen(&names, Some("model-Q8_0.gguf")).expect("a model"),
            ["model-Q8_0.gguf"]
        );
    }

    #[test]
    fn weights_should_be_all_numbered_parts_when_there_is_no_whole_file() {
        let names = [
            "config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
            "consolidated.safetensors",
        ];
        assert_eq!(chosen(&names, None).expect("a model"), names[..3]);
    }

    #[test]
    fn gguf_should_be_asked_for_when_there_are_several_or_another_is_named() {
        assert_eq!(chosen(&["a.gguf"], None).expect("a model"), ["a.gguf"]);
        for wanted in [None, Some("c.gguf")] {
            let error = chosen(&["a.gguf", "b.gguf"], wanted).expect_err("two");
            assert!(error.to_string().contains("a.gguf, b.gguf"), "{error}");
        }
    }

    #[test]
    fn repository_should_be_refused_when_nothing_in_it_can_be_run() {
        for names in [
            &["pytorch_model.bin", "config.json"][..],
            &["model.safetensors"],
            &["deep/model.gguf"],
            &[],
        ] {
            assert!(
                matches!(chosen(names, None), Err(HubError::NoModel(_))),
                "{names:?}"
            );
        }
    }
}
