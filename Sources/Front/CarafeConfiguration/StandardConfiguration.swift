public import Configuration
import SystemPackage

extension ConfigReader {
    /// Reads the usual sources: the program's arguments go before the environment, and that before a file.
    ///
    /// The key `server.port` is `--server-port 80` as an argument, `SERVER_PORT=80` in the environment, and
    /// `{"server": {"port": 80}}` in the file.
    ///
    /// - Parameter file: The path of a JSON file, absolute or relative to the working directory. One that does not exist
    ///   is read as an empty one, as a program has a file only where something is to be changed.
    /// - Throws: `BadConfigurationFile` where the file is there and cannot be read, or is not a JSON object.
    public static func standard(file: String? = nil) async throws(BadConfigurationFile) -> ConfigReader {
        var providers: [any ConfigProvider] = [CommandLineArgumentsProvider(), EnvironmentVariablesProvider()]
        if let file {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file), allowMissing: true))
            } catch {
                throw BadConfigurationFile(path: file, reason: "\(error)")
            }
        }
        return ConfigReader(providers: providers)
    }
}

/// A file of a configuration that is there and cannot be used.
public struct BadConfigurationFile: Error, CustomStringConvertible {
    /// The path, as it was given.
    public var path: String
    /// What the reader of the file says.
    public var reason: String

    public var description: String {
        "expected \(path.debugDescription) to be a readable file with a JSON object, found: \(reason)"
    }
}
