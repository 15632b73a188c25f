/// One parsed template: text with places for values.
///
/// | Source                       | Writes                                                                   |
/// |------------------------------|--------------------------------------------------------------------------|
/// | `{{ user.name }}`            | the value, escaped for HTML text and quoted attributes                   |
/// | `{{ items.0 }}`              | the first element of an array                                            |
/// | `{{ page | safe }}`          | the value as it is: only for markup that you made yourself               |
/// | `{{ user | json }}`          | any value as JSON, safe inside a `<script>` element (not in attributes)  |
/// | `{{ static("chat.css") }}`   | what a function of the app gives for texts in quotes or variables        |
/// | `{% for user in users %}`    | all up to `{% endfor %}` once for each element of an array               |
/// | `{% if user.name %}`         | what follows, up to `{% else %}` or `{% endif %}`, unless the value is    |
/// |                              | null, false, 0 or empty; `{% if not … %}` is the other way round         |
/// | `{% include "part.html" %}`  | another template, which sees the same                                    |
/// | `{# … #}`                    | nothing; a comment may span lines                                        |
/// | `{{ "{{" }}`                 | a text in double quotes: the way to write `{{`, `{%` or `{#` itself      |
///
/// `{{`, `{%` and `{#` always open a tag; `}}`, `%}` and `#}` in text are text. A name consists of letters, digits
/// and underscores; a quoted text knows no escape sequences and ends on its line. A name that the context does not have
/// is an error, in a condition too. A loop's variable hides a name of the context, in the templates that the loop
/// includes too. At most 64 blocks stand inside each other.
///
/// There is nothing else. No comparisons and no arithmetic, since Swift computes what a page shows, with types and tests;
/// no calls in calls, no keys after a call; no inheritance, since pages that include a head and a foot need none, and an
/// include is read where it stands.
public struct Template: Sendable {
    /// The name by which other templates include it, usually its path below the template folder.
    public let name: String
    let nodes: [TemplateNode<String>]

    /// Parses a template's source; includes are only checked when the template joins a ``TemplateSet``.
    ///
    /// Throws the first fault that a reader from top to bottom would meet.
    public init(name: String, source: String) throws(TemplateError) {
        self.name = name
        nodes = try TemplateParser(template: name, source: source).parse()
    }
}
