public import CarafeApp
import CarafeTemplateEngine
import HTTPTypes

/// An extension that renders the `Template`s that handlers return.
public struct Templates: Extension {
    private let renderer: any TemplateRenderer
    private let folder: TemplateFolder?
    private let language: String

    /// Reads and parses all templates of a folder.
    ///
    /// A missing folder or a bad template throws, with file, line, column and what was expected. `language` is that of
    /// the templates without a language in their name. Files `words.zh.json` have the texts of the templates in other
    /// languages, for `{{ _("Send") }}`; a text that such a file lacks stops the start.
    public init(folder: String, language: String = "en") throws {
        let folder = try TemplateFolder(folder)
        self.folder = folder
        renderer = folder
        self.language = language
    }

    /// Uses another engine. Languages are that engine's own matter.
    public init(renderer: any TemplateRenderer) {
        self.renderer = renderer
        folder = nil
        language = "en"
    }

    /// Adds nothing: handlers return templates.
    public func install(in app: inout App) {}

    /// Checks the calls in all templates: each function must exist and accept its literal arguments.
    ///
    /// - Throws: `TemplateError` for the first call that does not fit.
    public func check(_ app: App) throws {
        try folder?.check(KnownFunctions(names: Set(app.templateFunctions.keys), checks: app.templateChecks))
    }

    func response(of template: Template, to request: Request) async throws -> Response {
        guard request.context.debug, let folder else { return try await page(template, request) }
        do {
            let context = request.context
            try folder.refresh(
                KnownFunctions(names: Set(context.templateFunctions.keys), checks: context.templateChecks))
            return try await page(template, request)
        } catch let error as TemplateError {
            throw TemplateFault(error, folder: folder.path)
        }
    }

    private func page(_ template: Template, _ request: Request) async throws -> Response {
        guard let folder, case let others = folder.languages(of: template.name), !others.isEmpty else {
            return Response(
                template.status, html: try await render(template.name, template.values, request, in: language))
        }
        let chosen = request.language(among: [language] + others) ?? language
        let name = chosen == language ? template.name : folder.file(of: template.name, in: chosen)
        var response = Response(
            template.status, html: try await render(name, template.values, request, in: chosen))
        response.headers[.contentLanguage] = chosen
        response.headers[.vary] = "Accept-Language"
        return response
    }

    private func render(
        _ name: String, _ values: TemplateValues, _ request: Request, in language: String
    ) async throws -> String {
        let functions = TemplateFunctions(for: request, in: language)
        try await functions.prepare(renderer.functions(of: name))
        return try renderer.render(name, values, functions: functions)
    }
}
