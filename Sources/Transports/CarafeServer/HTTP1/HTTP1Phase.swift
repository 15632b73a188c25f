/// A phase of a connection, which takes its events: the one of requests, or the end.
protocol HTTP1Phase {
    /// Takes the event that the client takes no more.
    func blocked()

    func deadlinePassed(_ deadline: Deadline)

    /// Takes the event that the server stops.
    func stop()

    /// Takes the event that the client sends no more. It may still read.
    func inputClosed()

    /// Takes the event that the connection is closed, or that another protocol has it.
    func end()
}
