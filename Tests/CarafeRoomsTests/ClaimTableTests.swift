import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct ClaimTableTests {
    private let ann = Array("ann".utf8)

    /// Begins a call, and returns its claim.
    private func begin(_ table: inout ClaimTable) -> EngineClaim? { table.beginTelling(ann) }

    private func end(_ table: inout ClaimTable, _ claim: EngineClaim, isKnown: Bool = true) {
        _ = table.endTelling(ann, claim, isKnown: isKnown)
    }

    @Test("a claim is told once, and forgotten when it has ended")
    func once() {
        var table = ClaimTable()
        #expect(begin(&table) == nil)
        table.want(.connected, on: ann)
        #expect(table.unsettled == [ann] && begin(&table) == .connected && begin(&table) == nil)
        #expect(table.isBeingTold(ann))
        end(&table, .connected)
        #expect(begin(&table) == nil && table.unsettled.isEmpty && !table.isEmpty)
        table.want(.none, on: ann)
        #expect(begin(&table) == EngineClaim.none)
        end(&table, .none)
        #expect(table.isEmpty)
    }

    @Test("a claim that changes back before its call is not told at all")
    func changesBack() {
        var table = ClaimTable()
        table.want(.connected, on: ann)
        table.want(.none, on: ann)
        #expect(table.isEmpty && begin(&table) == nil)
    }

    @Test("a claim that changes during a call is told after it, in order")
    func changesDuring() {
        var table = ClaimTable()
        table.want(.connected, on: ann)
        #expect(begin(&table) == .connected)
        table.want(.away, on: ann)
        table.want(.none, on: ann)
        #expect(begin(&table) == nil)
        end(&table, .connected)
        #expect(begin(&table) == EngineClaim.none)
        end(&table, .none)
        #expect(table.isEmpty)
    }

    @Test("after a call that failed the engine may know either claim, and is told again", arguments: [true, false])
    func fails(isConnected: Bool) {
        var table = ClaimTable()
        table.want(.connected, on: ann)
        _ = begin(&table)
        table.want(isConnected ? .connected : .none, on: ann)
        end(&table, .connected, isKnown: false)
        #expect(table.unsettled == [ann] && begin(&table) == (isConnected ? .connected : EngineClaim.none))
    }

    @Test("claims that the engine has ended are told again, also those that are being told")
    func lost() {
        var table = ClaimTable()
        table.want(.connected, on: ann)
        _ = begin(&table)
        table.loseAll()
        end(&table, .connected)
        #expect(begin(&table) == .connected, "the call may have been before the end, or after")
        end(&table, .connected)
        table.lose(ann)
        #expect(table.unsettled == [ann] && begin(&table) == .connected)
        end(&table, .connected)
        table.want(.none, on: ann)
        table.lose(ann)
        #expect(table.isEmpty)
    }

    @Test("an exclusive claim is told by its connection only, also after a call during which it was made")
    func exclusive() {
        var table = ClaimTable()
        table.want(.connected, on: ann, isExclusive: true)
        #expect(table.unsettled.isEmpty && begin(&table) == nil)
        #expect(table.beginTelling(ann, isExclusive: true) == .connected)
        end(&table, .connected)
        table.want(.away, on: ann)
        #expect(begin(&table) == .away)
        table.want(.connected, on: ann, isExclusive: true)
        end(&table, .away)
        #expect(table.unsettled.isEmpty && begin(&table) == nil)
        #expect(table.beginTelling(ann, isExclusive: true) == .connected)
    }

    @Test("an exclusive claim that the engine knows, has refused, or that is not wanted any more reserves nothing")
    func exclusiveEnds() {
        var table = ClaimTable()
        table.want(.connected, on: ann)
        _ = begin(&table)
        end(&table, .connected)
        table.want(.connected, on: ann, isExclusive: true)
        table.loseAll()
        #expect(begin(&table) == .connected)
        end(&table, .connected)
        table.want(.away, on: ann)
        table.want(.connected, on: ann, isExclusive: true)
        table.lose(ann)
        #expect(table.unsettled == [ann], "the engine knew it, and has ended it since")
        table.want(.connected, on: ann, isExclusive: true)
        _ = table.beginTelling(ann, isExclusive: true)
        end(&table, .connected, isKnown: false)
        #expect(table.unsettled == [ann] && begin(&table) == .connected, "another connection may have the name")
        end(&table, .connected, isKnown: false)
        table.want(.connected, on: ann, isExclusive: true)
        table.want(.none, on: ann)
        #expect(begin(&table) == EngineClaim.none)
    }

    @Test("the unsettled names are known without a look at the others")
    func unsettled() {
        var table = ClaimTable()
        let names = (0..<10).map { Array("\($0)".utf8) }
        for name in names { table.want(.connected, on: name) }
        #expect(table.unsettled == Set(names))
        for name in names.dropFirst() {
            _ = table.beginTelling(name)
            _ = table.endTelling(name, .connected, isKnown: true)
        }
        #expect(table.unsettled == [names[0]])
        table.want(.none, on: names[0])
        #expect(table.unsettled.isEmpty)
        table.loseAll()
        #expect(table.unsettled == Set(names.dropFirst()))
    }
}
