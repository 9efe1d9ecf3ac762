//! Chat templates: from messages to the text that a model was trained on.
//!
//! Templates are programs from strangers. They run without any access to the machine, with a limit on
//! steps and on the length of the result.

use super::layout::{read_json, read_small, LayoutError, ModelFiles};
use super::{Gguf, GgufError};
use minijinja::value::Value;
use minijinja::{context, Environment, Error, ErrorKind};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::Path;

/// Steps that rendering may take.
const FUEL: u64 = 5_000_000;
/// Longest rendered text in bytes.
const MAX_TEXT_BYTES: usize = 16 << 20;
const NAME: &str = "chat";

/// Why a template could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The folder or one of its files is no model.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The GGUF file is damaged.
    #[error("template in GGUF file: {0}")]
    Gguf(#[from] GgufError),
    /// The template is no valid Jinja; use another copy of the model.
    #[error("the model's chat template cannot be read: {0}; send plain text instead of messages")]
    Syntax(String),
    /// The template refuses these messages or failed on them; change the messages.
    #[error("the model's chat template refuses these messages: {0}; change roles or order")]
    Refused(String),
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// Text.
    pub content: String,
}

impl ChatMessage {
    /// A message.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: content.into(),
        }
    }
}

/// A parsed chat template.
pub struct ChatTemplate {
    text: String,
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl ChatTemplate {
    /// Parses a template; `bos` and `eos` are the texts of the model's tokens.
    pub fn new(text: &str, bos: Option<&str>, eos: Option<&str>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment
            .add_template_owned(NAME, text.to_string())
            .map_err(|error| TemplateError::Syntax(describe(&error)))?;
        let owned = |token: Option<&str>| token.unwrap_or_default().to_string();
        Ok(Self {
            text: text.into(),
            environment,
            bos: owned(bos),
            eos: owned(eos),
        })
    }

    /// The template of the model in `folder`; `None` when it has none.
    pub fn from_folder(
        folder: &Path,
        bos: Option<&str>,
        eos: Option<&str>,
    ) -> Result<Option<Self>, TemplateError> {
        let text = match ModelFiles::find(folder)? {
            ModelFiles::Gguf { path } => Gguf::open(&path)?
                .text("tokenizer.chat_template")
                .ok()
                .map(String::from),
            ModelFiles::Safetensors { folder, .. } => of_hugging_face(&folder)?,
        };
        text.map(|text| Self::new(&text, bos, eos)).transpose()
    }

    /// The template's own text, whose BLAKE3 a model declares.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Renders a conversation; `add_generation_prompt` leaves it open for the assistant's answer.
    pub fn render(
        &self,
        messages: &[ChatMessage],
        add_generation_prompt: bool,
    ) -> Result<String, TemplateError> {
        let refused = |error: Error| TemplateError::Refused(describe(&error));
        let template = self.environment.get_template(NAME).map_err(refused)?;
        let mut text = Bounded(Vec::new());
        let context = context! {
            messages => messages,
            bos_token => self.bos,
            eos_token => self.eos,
            add_generation_prompt => add_generation_prompt,
        };
        template.render_captured_to(context, &mut text).map_err(refused)?;
        String::from_utf8(text.0).map_err(|error| TemplateError::Refused(error.to_string()))
    }
}

fn describe(error: &Error) -> String {
    error.detail().map_or_else(|| error.to_string(), String::from)
}

fn of_hugging_face(folder: &Path) -> Result<Option<String>, TemplateError> {
    #[derive(Deserialize)]
    struct Config {
        chat_template: Option<Templates>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Templates {
        One(String),
        Named(Vec<Named>),
    }
    #[derive(Deserialize)]
    struct Named {
        name: String,
        template: String,
    }
    let own_file = folder.join("chat_template.jinja");
    if own_file.is_file() {
        return String::from_utf8(read_small(&own_file)?)
            .map(Some)
            .map_err(|error| TemplateError::Syntax(error.to_string()));
    }
    let config = folder.join("tokenizer_config.json");
    if !config.is_file() {
        return Ok(None);
    }
    Ok(match read_json::<Config>(&config)?.chat_template {
        None => None,
        Some(Templates::One(text)) => Some(text),
        Some(Templates::Named(all)) => all
            .into_iter()
            .find(|named| named.name == "default")
            .map(|named| named.template),
    })
}

/// Refuses to grow beyond [`MAX_TEXT_BYTES`].
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_TEXT_BYTES {
            return Err(io::Error::other("the text is longer than 16 MiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation() -> Vec<ChatMessage> {
        vec![
            ChatMessage::new("system", "Be brief."),
            ChatMessage::new("user", " Hi! "),
        ]
    }

    #[test]
    fn template_should_follow_hugging_face_conventions() {
        let text = "{{ bos_token }}{% for message in messages %}\n    {%- if message['role'] == 'user' %}\n\
                    [{{ message.content.strip() }}]\n{% else %}\n<{{ message['content'] }}>{{ eos_token }}\n\
                    {% endif %}\n{% endfor %}{% if add_generation_prompt %}>{% endif %}\
                    {% if strftime_now is defined %}no{% endif %}";
        let template = ChatTemplate::new(text, Some("<s>"), Some("</s>")).unwrap();
        assert_eq!(
            template.render(&conversation(), true).unwrap(),
            "<s><Be brief.></s>\n[Hi!]\n>"
        );
        assert!(!template.render(&conversation(), false).unwrap().ends_with('>'));
    }

    #[test]
    fn template_should_report_its_reason_when_it_refuses_the_messages() {
        let template =
            ChatTemplate::new("{{ raise_exception('roles must alternate') }}", None, None).unwrap();
        let error = template.render(&conversation(), true).unwrap_err();
        assert!(matches!(&error, TemplateError::Refused(reason) if reason == "roles must alternate"));
    }

    #[test]
    fn template_should_be_stopped_when_it_loops_or_swells() {
        let nested = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        let template = ChatTemplate::new(nested, None, None).unwrap();
        assert!(matches!(
            template.render(&[], true),
            Err(TemplateError::Refused(_))
        ));
        let messages = vec![ChatMessage::new("user", "x".repeat(1 << 20)); 17];
        let template =
            ChatTemplate::new("{% for m in messages %}{{ m.content }}{% endfor %}", None, None).unwrap();
        assert!(matches!(
            template.render(&messages, true),
            Err(TemplateError::Refused(_))
        ));
    }

    #[test]
    fn template_should_be_refused_when_it_is_no_jinja() {
        assert!(matches!(
            ChatTemplate::new("{% for %}", None, None),
            Err(TemplateError::Syntax(_))
        ));
    }
}
