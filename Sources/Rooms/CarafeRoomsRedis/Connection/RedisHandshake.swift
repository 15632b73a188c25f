package import CarafeRedisCodec

/// The first commands of a connection, which are sent at once: who the client is, and which process the server is.
struct RedisHandshake {
    fileprivate enum Step: Equatable {
        case authenticate
        case setName
        case selectDatabase(Int)
        case readInformation
        /// Redis replies to `INFO` while it loads its data, but not to `PING`.
        case ping
    }

    private enum State {
        /// The steps whose replies are still to come, and the server once it is known.
        case waiting(ArraySlice<Step>, RedisServer?)
        case ended
    }

    enum Action: Equatable {
        case wait
        case ready(RedisServer)
        case fail(RedisHandshakeError)
    }

    let commands: [RedisCommand]
    private var state: State

    /// - Parameter name: The name of the connection in `CLIENT LIST`, without spaces.
    init(_ address: RedisAddress, name: String) {
        var steps: [Step] = []
        if address.credentials != nil { steps.append(.authenticate) }
        steps.append(.setName)
        if address.database != 0 { steps.append(.selectDatabase(address.database)) }
        steps += [.readInformation, .ping]
        commands = steps.map { $0.command(address.credentials, name: name) }
        state = .waiting(steps[...], nil)
    }

    mutating func receive(_ reply: RedisReply) -> Action {
        guard case .waiting(var steps, var server) = state, let step = steps.popFirst() else { return .wait }
        switch (step, reply) {
        case (_, .error(let error)): return end(.fail(.refused(command: step.name, error)))
        case (.readInformation, _):
            server = reply.text.flatMap { RedisServer(information: $0) }
            guard let server else { return end(.fail(.unexpected(command: step.name, found: reply.kind))) }
            if !server.isSupported { return end(.fail(.tooOld(found: server.version))) }
            if server.isReplica { return end(.fail(.replica)) }
        case (.ping, _):
            return end(server.map { .ready($0) } ?? .wait)
        case (.authenticate, .simple), (.setName, .simple), (.selectDatabase, .simple): break
        default: return end(.fail(.unexpected(command: step.name, found: reply.kind)))
        }
        state = .waiting(steps, server)
        return .wait
    }

    private mutating func end(_ action: Action) -> Action {
        state = .ended
        return action
    }
}

extension RedisHandshake.Step {
    fileprivate var name: String {
        switch self {
        case .authenticate: "AUTH"
        case .setName: "CLIENT SETNAME"
        case .selectDatabase(let number): "SELECT \(number)"
        case .readInformation: "INFO"
        case .ping: "PING"
        }
    }

    fileprivate func command(_ credentials: RedisCredentials?, name: String) -> RedisCommand {
        switch self {
        case .authenticate:
            let words = [credentials?.user, credentials?.password].compactMap { $0.map(RedisCommand.Argument.text) }
            return RedisCommand(["AUTH"] + words)
        case .setName: return RedisCommand("CLIENT", "SETNAME", .text(name))
        case .selectDatabase(let number): return RedisCommand("SELECT", .integer(number))
        case .readInformation: return RedisCommand("INFO")
        case .ping: return RedisCommand("PING")
        }
    }
}

/// The reason why a server did not accept a client's first commands.
package enum RedisHandshakeError: Error, Equatable {
    /// The server replied with an error to the command.
    case refused(command: String, RedisError)
    /// The reply is of another kind, or lacks a field.
    case unexpected(command: String, found: String)
    /// The server is older than `RedisServer.minimumVersion`.
    case tooOld(found: String)
    /// The server takes no writes.
    case replica
}

extension RedisHandshakeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let command, let error):
            switch error.code {
            case .noAuthentication: "expected a password in the address, redis://:PASSWORD@HOST: \(error)"
            case .wrongPassword: "expected the user and the password of the server in the address: \(error)"
            case .noPermission: "expected a user who may do \(command): \(error)"
            case .loading: "expected a server that has read its data: \(error)"
            default: "expected the server to do \(command): \(error)"
            }
        case .unexpected(let command, let found):
            "expected the reply of a Redis to \(command), with run_id, redis_version and master_replid, found \(found)"
        case .tooOld(let found): "expected Redis \(RedisServer.minimumVersion) or later, found \(found)"
        case .replica: "expected a primary, found a replica: use the primary's address, or promote this one"
        }
    }
}
