import Testing

@testable import CarafeRoomsRedis

@Suite("Lease of a node", .timeLimit(.minutes(10)))
struct NodeLeaseTests {
    /// A lease that a run of a server knows.
    private func held(by run: String = "1") -> NodeLease {
        var lease = NodeLease()
        lease.connected(in: run)
        #expect(lease.isNew)
        let isLoss = lease.renewed(lease.id)
        #expect(!isLoss && !lease.isNew)
        return lease
    }

    @Test("the first lease is begun and then renewed, without a loss")
    func first() {
        var lease = held()
        let id = lease.id
        let isLoss = lease.renewed(id)
        lease.connected(in: "1")
        #expect(!isLoss && lease.id == id && !lease.isNew)
    }

    @Test("a lease that has ended is replaced by another, and its begin is a loss of claims, once")
    func end() {
        var lease = held()
        let id = lease.id
        lease.ended(id)
        #expect(lease.id != id && lease.isNew)
        let next = lease.id
        // Late replies about the earlier lease.
        lease.ended(id)
        let losses = [lease.renewed(id), lease.renewed(next), lease.renewed(next)]
        #expect(losses == [false, true, false])
        #expect(lease.id == next && !lease.isNew)
    }

    @Test("a claim that finds no lease before the first is begun replaces nothing")
    func early() {
        var lease = NodeLease()
        let id = lease.id
        lease.ended(id)
        #expect(lease.id == id && lease.isNew)
    }

    @Test("another run of the server is the end of the lease")
    func anotherRun() {
        var lease = held()
        let id = lease.id
        lease.connected(in: "2")
        #expect(lease.id != id)
        let isLoss = lease.renewed(lease.id)
        #expect(isLoss)
    }
}
