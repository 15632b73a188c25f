public import Configuration
import SystemPackage

extension ConfigReader {
    /// Reads the usual sources: the program's arguments take precedence over the environment, and the environment over
    /// a file.
    ///
    /// The key `server.port` is `--server-port 80` as an argument, `SERVER_PORT=80` in the environment, and `{"server":
    /// {"port": 80}}` in the file.
    ///
    /// - Parameter file: The path of a JSON file, absolute or relative to the working directory. A file that does not
    ///   exist counts as an empty one, because a program has one only if something is to be changed.
    /// - Returns: The reader of all sources.
    /// - Throws: `ConfigurationFileError` if the file exists and cannot be read, or is not a JSON object.
    public static func standard(file: String? = nil) async throws(ConfigurationFileError) -> ConfigReader {
        var providers: [any ConfigProvider] = [CommandLineArgumentsProvider(), EnvironmentVariablesProvider()]
        if let file {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file), allowMissing: true))
            } catch {
                throw ConfigurationFileError(path: file, reason: "\(error)")
            }
        }
        return ConfigReader(providers: providers)
    }
}

/// An error for a configuration file that exists and cannot be used.
public struct ConfigurationFileError: Error, CustomStringConvertible {
    /// The path, as it was given.
    public var path: String
    /// The error of the file's reader.
    public var reason: String

    /// A description with the path and the reason.
    public var description: String {
        "expected \(path.debugDescription) to be a readable file with a JSON object, found: \(reason)"
    }
}
