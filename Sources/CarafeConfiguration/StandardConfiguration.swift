public import Configuration
import SystemPackage

extension ConfigReader {
    /// The usual sources: what stands in the program's arguments goes before the environment, and that before a file.
    ///
    /// The key `server.port` is `--server-port 80` as an argument, `SERVER_PORT=80` in the environment, and
    /// `{"server": {"port": 80}}` in the file, which is JSON. Throws where the file is missing or no JSON.
    public static func standard(file: String? = nil) async throws -> ConfigReader {
        var providers: [any ConfigProvider] = [CommandLineArgumentsProvider(), EnvironmentVariablesProvider()]
        if let file { providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file))) }
        return ConfigReader(providers: providers)
    }
}
