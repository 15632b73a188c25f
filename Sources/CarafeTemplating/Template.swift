/// One parsed template: text with places for values.
///
/// | Source                       | Writes                                                                   |
/// |------------------------------|--------------------------------------------------------------------------|
/// | `{{ user.name }}`            | the value, escaped for HTML text and quoted attributes                   |
/// | `{{ items.0 }}`              | the first element of an array                                            |
/// | `{{ page | safe }}`          | the value as it is: only for markup that you made yourself               |
/// | `{{ user | json }}`          | any value as JSON, safe inside a `<script>` element (not in attributes)  |
/// | `{% include "part.html" %}`  | another template, with the same context                                  |
/// | `{# … #}`                    | nothing; a comment may span lines                                        |
/// | `{{ "{{" }}`                 | a text in double quotes: the way to write `{{`, `{%` or `{#` itself      |
///
/// `{{`, `{%` and `{#` always open a tag; `}}`, `%}` and `#}` in text are text. A name consists of letters, digits
/// and underscores; a quoted text knows no escape sequences and ends on its line. There is nothing else: no
/// conditions, no loops, no calls.
public struct Template: Sendable {
    /// The name by which other templates include it, usually its path below the template folder.
    public let name: String
    /// Never two texts in a row.
    let nodes: [TemplateNode<String>]

    /// Parses a template's source; includes are only checked when the template joins a ``TemplateSet``.
    ///
    /// Throws the first fault that a reader from top to bottom would meet.
    public init(name: String, source: String) throws(TemplateError) {
        self.name = name
        nodes = try TemplateParser(template: name, source: source).parse()
    }
}
