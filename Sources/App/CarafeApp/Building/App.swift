public import CarafeHTTP
import CarafeRouting

/// A web app: a value that is edited during set-up and then built into one handler.
///
/// ```swift
/// var app = App()
/// app.get("/hello/<name>") { (_, name: String) in "Hello, \(name)!" }
/// ```
public struct App: Scaffold, Sendable {
    /// The registrations so far. The methods of `Scaffold` edit it.
    public var scope = Scope()

    /// The largest request body in bytes, unless a route sets its own limit: 1 MiB. A longer body is answered with 413.
    public var bodyLimit = RequestBody.defaultLimit { didSet { scope.noteChange("the body limit") } }

    // Each app has its own: coders are objects, and a change to this app's must not reach another app's.
    /// The JSON coders of replies and requests.
    public var json = JSONCoders() { didSet { scope.noteChange("the JSON coders") } }

    /// Whether errors are shown to the client and changed templates are read again. Never switch it on in production.
    public var debug = false { didSet { scope.noteChange("the debug mode") } }

    /// The functions that templates may call, by name: `app.templateFunctions["now"] = { _, _ in "12:00" }`.
    ///
    /// A mounted app has its own functions.
    public var templateFunctions: [String: TemplateFunction] = [:] {
        didSet { scope.noteChange("a template function") }
    }

    /// The asynchronous work that template functions need, by the same names.
    ///
    /// A preparation runs before a page is rendered that may call the function of its name; the functions themselves
    /// are synchronous. `Sessions` loads the session in this way.
    public var templatePreparations: [String: TemplatePreparation] = [:] {
        didSet { scope.noteChange("a template function") }
    }

    /// The checks of calls whose arguments are all literals in the template, by the same names. They run when the app
    /// is built.
    public var templateChecks: [String: TemplateCheck] = [:]

    /// Whether requests know the pattern of their route (`request.routePattern`), which costs a second search. In debug
    /// mode they always do.
    public var keepsRoutePatterns = false

    /// Whether handlers of PUT understand `Content-Range`.
    ///
    /// By default such a request is answered with 400, because a part of a representation would be stored as the whole
    /// (RFC 9110 §14.5). A mounted app has its own setting.
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
    var requestTransforms: [@Sendable (inout Request) -> Void] = [] {
        didSet { scope.noteChange("a transform of requests") }
    }

    struct Mount: Sendable {
        var prefix: String
        var app: App
    }

    /// Creates an app without static files or templates.
    public init(bare: Void) {}

    /// Installs an extension.
    ///
    /// - Parameter plugin: The extension. Its `install(in:)` is called at once.
    /// - Throws: `ExtensionConflictError` if an extension of this name is installed, and the error of `install(in:)`.
    public mutating func install<Plugin: Extension>(_ plugin: Plugin) throws {
        if extensions.contains(where: { $0.name == plugin.name }) { throw ExtensionConflictError(name: plugin.name) }
        try plugin.install(in: &self)
        extensions.append(plugin)
        values[Plugin.self] = plugin
    }

    /// Registers a transform of each request that runs before all middleware, hooks and handlers, in registration
    /// order.
    ///
    /// Use it for facts about the request itself, such as the client's address behind a proxy.
    public mutating func onRequest(_ change: @escaping @Sendable (inout Request) -> Void) {
        requestTransforms.append(change)
    }

    /// Runs a step of the set-up, and keeps its error until the app is built.
    public mutating func attempt(_ step: (inout App) throws -> Void) {
        do { try step(&self) } catch { scope.problems.append(error) }
    }

    /// Returns the app's value of a type, such as an installed extension.
    ///
    /// - Throws: `MissingExtensionError`, which names the type, if the app has no such value.
    public func require<Wanted: Sendable>(_ type: Wanted.Type) throws(MissingExtensionError) -> Wanted {
        guard let found = values[type] else { throw MissingExtensionError(name: String(describing: type)) }
        return found
    }

    /// Mounts a copy of another app below a path.
    ///
    /// The mounted app keeps its own hooks, error handlers and extensions. A change to the original after this call is
    /// an error when this app is built.
    ///
    /// - Parameters:
    ///   - prefix: The path, such as `/shop`, without parameters and without a slash at the end.
    ///   - app: The app, with everything that it is to serve.
    public mutating func mount(_ prefix: String, _ app: App) {
        app.scope.noteRegistration()
        mounts.append(Mount(prefix: prefix, app: app))
    }
}
