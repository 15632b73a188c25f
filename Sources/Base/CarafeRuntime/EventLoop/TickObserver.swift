/// A type that works at the end of a tick of its event loop: when all sockets that were ready have been read.
///
/// Connections that write there, one after the other, find their peers awake and the code in the caches: measured with
/// 64 clients, 1.19 times the echoes and 1.26 times the requests per CPU second of a write after each read.
package protocol TickObserver: AnyObject {
    func tickEnded()
}
