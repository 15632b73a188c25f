/// The facts about a client that a trusted proxy states; those that it leaves out are the connection's own.
// A class, so that it costs a request without a proxy one word only.
package final class Forwarding: Sendable {
    package let address: String?
    package let isSecure: Bool?
    package let host: String?

    package init(address: String?, isSecure: Bool?, host: String?) {
        self.address = address
        self.isSecure = isSecure
        self.host = host
    }
}
