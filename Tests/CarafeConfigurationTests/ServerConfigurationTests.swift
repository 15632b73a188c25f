import CarafeConfiguration
import Logging
import NIOCore
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ServerConfigurationTests {
    private func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> ServerConfiguration {
        try ServerConfiguration(ConfigReader(provider: InMemoryProvider(values: values)))
    }

    @Test("a missing key keeps its default") func missingKeyKeepsDefault() throws {
        let (read, standard) = (try read([:]), ServerConfiguration())
        #expect(read.host == standard.host && read.port == standard.port && read.threads == nil)
        #expect(read.backlog == standard.backlog && read.accessLog)
        #expect(read.limits.headerBytes == standard.limits.headerBytes && read.timeouts.idle == standard.timeouts.idle)
    }

    @Test("each key is read") func readsEachKey() throws {
        let read = try read([
            "host": "::1", "port": 8080, "threads": 3, "backlog": 7, "accessLog": false, "logLevel": "warning",
            "limits.requestLineBytes": 1000, "limits.headerBytes": 2000, "limits.headerFields": 20,
            "limits.connections": 300, "limits.connectionsPerAddress": 3, "timeouts.linger": 7,
            "timeouts.head": 1, "timeouts.body": 2, "timeouts.bodyRate": 300, "timeouts.idle": 4.5, "timeouts.write": 5,
            "timeouts.shutdown": 0.25,
        ])
        #expect(read.host == "::1" && read.port == 8080 && read.threads == 3 && read.backlog == 7 && !read.accessLog)
        #expect(read.logger.logLevel == .warning)
        #expect(
            read.limits.requestLineBytes == 1000 && read.limits.headerBytes == 2000 && read.limits.headerFields == 20)
        #expect(read.limits.connections == 300 && read.limits.connectionsPerAddress == 3)
        #expect(read.timeouts.linger == .seconds(7))
        #expect(read.timeouts.head == .seconds(1) && read.timeouts.body == .seconds(2) && read.timeouts.bodyRate == 300)
        #expect(read.timeouts.idle == .milliseconds(4500) && read.timeouts.write == .seconds(5))
        #expect(read.timeouts.shutdown == .milliseconds(250))
    }

    @Test(
        "an error names the key of a bad value",
        arguments: [
            ("port", "http", "port"), ("port", 65_536, "port"), ("port", -1, "port"), ("threads", 0, "threads"),
            ("accessLog", "perhaps", "accessLog"), ("logLevel", "loud", "logLevel"), ("host", 5, "host"),
            ("timeouts.idle", "soon", "timeouts.idle"), ("timeouts.idle", 0, "timeouts.idle"),
            ("limits.headerBytes", 1, "limits.headerBytes"), ("limits.connections", 0, "limits.connections"),
            ("port", true, "port"),
        ] as [(AbsoluteConfigKey, ConfigValue, String)])
    func namesTheKey(key: AbsoluteConfigKey, value: ConfigValue, name: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try read([key: value]) }
        #expect(error?.key == name)
        #expect(error.map { "\($0)".hasPrefix("expected \(name) in the configuration to be ") } == true)
    }

    @Test("arguments take precedence over the environment, and the environment over a file") func argumentsGoBefore()
        async throws
    {
        let folder = try TemporaryFolder()
        try folder.write(#"{"server": {"port": 1, "host": "file", "threads": 4}}"#, to: "app.json")
        let file = try await FileProvider<JSONSnapshot>(filePath: FilePath("\(folder.path)/app.json"))
        let environment = EnvironmentVariablesProvider(environmentVariables: [
            "SERVER_PORT": "2", "SERVER_HOST": "environment",
        ])
        let arguments = CommandLineArgumentsProvider(arguments: ["app", "--server-port", "3"])
        let config = ConfigReader(providers: [arguments, environment, file]).scoped(to: "server")
        let read = try ServerConfiguration(config)
        #expect(read.port == 3 && read.host == "environment" && read.threads == 4)
    }
}
