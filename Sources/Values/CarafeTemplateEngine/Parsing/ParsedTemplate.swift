/// One parsed template: text with places for values.
///
/// | Source                       | Writes                                                                   |
/// |------------------------------|--------------------------------------------------------------------------|
/// | `{{ user.name }}`            | the value, escaped for HTML text and quoted attributes                   |
/// | `{{ items.0 }}`              | the first element of an array                                            |
/// | `{{ page | safe }}`          | the value as it is: only for markup that you made yourself               |
/// | `{{ user | json }}`          | any value as JSON, safe inside a `<script>` element (not in attributes)  |
/// | `{{ static("chat.css") }}`   | the result of a function of the app, called with literals or variables   |
/// | `{% for user in users %}`    | everything up to `{% endfor %}` once for each element of an array        |
/// | `{% if user.name %}`         | everything up to `{% else %}` or `{% endif %}`, unless the value is null, |
/// |                              | false, 0 or empty; `{% if not … %}` is the opposite                      |
/// | `{% include "part.html" %}`  | another template, with the same context                                  |
/// | `{# … #}`                    | nothing; a comment may span lines                                        |
/// | `{{ "{{" }}`                 | a literal in double quotes: the way to write `{{`, `{%` or `{#` itself   |
///
/// `{{`, `{%` and `{#` always open a tag; `}}`, `%}` and `#}` in text are text. A name consists of letters, digits and
/// underscores; a literal has no escape sequences and ends on its line. A name that the context does not have is an
/// error, also in a condition. A loop's variable hides a name of the context, also in the templates that the loop
/// includes. Blocks nest to a depth of at most 64.
///
/// There is nothing else. No comparisons and no arithmetic, because Swift computes the values that a page shows, with
/// types and tests; no calls inside calls, and no keys after a call; no inheritance, because pages that include a head
/// and a foot do not need it, and an include is read where it stands.
package struct ParsedTemplate: Sendable {
    /// The name by which other templates include it, usually its path in the template folder.
    package let name: String
    let nodes: [TemplateNode<String>]

    /// Parses the source of a template. Includes are checked when the template joins a ``TemplateSet``.
    ///
    /// - Throws: `TemplateError` for the first fault from top to bottom.
    package init(name: String, source: String) throws(TemplateError) {
        self.name = name
        nodes = try TemplateParser(template: name, source: source).parse()
    }
}
