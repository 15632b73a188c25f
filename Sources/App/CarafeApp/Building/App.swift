public import CarafeHTTP
import CarafeRouting

/// A web app: a value that is edited during set-up and then built into one handler.
///
/// ```swift
/// var app = App()
/// app.get("/hello/<name>") { (_, name: String) in "Hello, \(name)!" }
/// ```
public struct App: Scaffold, Sendable {
    /// What was registered so far; the calls of `Scaffold` edit it.
    public var scope = Scope()

    /// The most bytes of a request's body, unless a route says otherwise; 1 MiB. Past it the client gets 413.
    public var bodyLimit = RequestBody.defaultLimit { didSet { scope.noteChange("the body limit") } }

    /// The JSON coders of replies and requests.
    // Not the standard ones: coders are objects, and what is set on this app's must not reach another's.
    public var json = JSONCoders() { didSet { scope.noteChange("the JSON coders") } }

    /// Shows errors to the client and re-reads templates that changed; never for production.
    public var debug = false { didSet { scope.noteChange("the debug mode") } }

    /// The functions that templates may call, by their names; `app.templateFunctions["now"] = { _, _ in "12:00" }`.
    ///
    /// A mounted app has its own.
    public var templateFunctions: [String: TemplateFunction] = [:] {
        didSet { scope.noteChange("a template function") }
    }

    /// Runs before a page that may call the function of the same name is rendered, for work that has to be awaited; the
    /// functions themselves are synchronous. `Sessions` loads the session in this way.
    public var templatePreparations: [String: TemplatePreparation] = [:] {
        didSet { scope.noteChange("a template function") }
    }

    /// What finds a bad call of such a function when the app is built, where its arguments are texts in the template.
    public var templateChecks: [String: TemplateCheck] = [:]

    /// Whether requests know the pattern of their route (`request.routePattern`), which costs a second search; in debug
    /// mode they do.
    public var keepsRoutePatterns = false

    /// Whether handlers of PUT know `Content-Range`; by default such a request is answered with 400, as a part of a
    /// representation would be taken for the whole (RFC 9110 §14.5).
    ///
    /// A mounted app has its own.
    public var acceptsPartialPuts = false { didSet { scope.noteChange("the acceptance of partial PUTs") } }

    /// Values for all requests of the app, found by their type, such as a pool of connections; a request finds them by
    /// `require`. Each extension that is installed is among them.
    ///
    /// A mounted app has its own.
    public var values = Values() { didSet { scope.noteChange("a value of the app") } }

    /// The installed extensions, in the order of their installation.
    public private(set) var extensions: [any Extension] = [] {
        didSet { scope.noteChange("the extension \(extensions.last?.name ?? "")") }
    }
    var mounts: [Mount] = [] { didSet { scope.noteChange("the app mounted at \(mounts.last?.prefix ?? "")") } }
    var arrivals: [@Sendable (inout Request) -> Void] = [] { didSet { scope.noteChange("a change on arrival") } }

    struct Mount: Sendable {
        var prefix: String
        var app: App
    }

    /// An app without anything in it.
    public init(bare: Void) {}

    /// Installs an extension; a second one of its name is an error.
    public mutating func install<Plugin: Extension>(_ plugin: Plugin) throws {
        if extensions.contains(where: { $0.name == plugin.name }) { throw ExtensionConflict(name: plugin.name) }
        try plugin.install(in: &self)
        extensions.append(plugin)
        values[Plugin.self] = plugin
    }

    /// Changes each request before any middleware, hook or handler sees it, whenever it was registered: for what a
    /// request is by nature, such as who sent it.
    public mutating func onArrival(_ change: @escaping @Sendable (inout Request) -> Void) {
        arrivals.append(change)
    }

    /// Does a step of the set-up whose error may wait until the app is built.
    public mutating func attempt(_ step: (inout App) throws -> Void) {
        do { try step(&self) } catch { scope.problems.append(error) }
    }

    /// The installed extension, or another of the app's values, of a type.
    ///
    /// - Throws: `MissingExtension`, which names the type, where there is none.
    public func require<Wanted: Sendable>(_ type: Wanted.Type) throws(MissingExtension) -> Wanted {
        guard let found = values[type] else { throw MissingExtension(name: String(describing: type)) }
        return found
    }

    /// Puts another app below a path, as it is now; it keeps its own hooks, error handlers and extensions. What it gets
    /// later is an error when this app is built.
    public mutating func mount(_ prefix: String, _ app: App) {
        app.scope.noteRegistration()
        mounts.append(Mount(prefix: prefix, app: app))
    }
}
