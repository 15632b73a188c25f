import Carafe
import CarafeSecurity
import CarafeSessions
import Foundation
import GRDB
import Logging

/// An entry of a guest.
struct Entry: Codable, Sendable, FetchableRecord, MutablePersistableRecord {
    var id: Int64?
    var name: String
    var text: String
    var writtenAt: Date
    /// The session that may remove it.
    var author: String

    mutating func didInsert(_ inserted: InsertionSuccess) {
        id = inserted.rowID
    }
}

/// The database of entries, on disk, or in memory without a path.
struct Guestbook: Sendable {
    private let database: any DatabaseWriter

    /// Opens the database; `pageLimit` is the greatest size of the file in SQLite's pages.
    init(path: String?, pageLimit: Int? = nil) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)  // The process before this one may still be closing the file.
        if let pageLimit {
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
        }
        database = try path.map { try DatabasePool(path: $0, configuration: configuration) } ?? DatabaseQueue()
        var migrator = DatabaseMigrator()
        migrator.registerMigration("entries") { database in
            try database.create(table: "entry") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("name", .text).notNull()
                table.column("text", .text).notNull()
                table.column("writtenAt", .datetime).notNull()
                table.column("author", .text).notNull()
            }
        }
        try migrator.migrate(database)
    }

    func latest() async throws -> [Entry] {
        try await database.read { try Entry.order(Column("id").desc).limit(50).fetchAll($0) }
    }

    func add(_ entry: Entry) async throws {
        try await database.write { [entry] database in
            var entry = entry
            try entry.insert(database)
        }
    }

    /// Returns whether there was such an entry of this author.
    func remove(_ id: Int, by author: String) async throws -> Bool {
        try await database.write { database in
            try Entry.filter(Column("id") == id && Column("author") == author).deleteAll(database) == 1
        }
    }
}

/// The form as it was sent, and its faults.
private struct Submission: Decodable {
    var name: String
    var text: String

    func check() -> String? {
        let (name, text) = (
            name.trimmingCharacters(in: .whitespaces), text.trimmingCharacters(in: .whitespacesAndNewlines)
        )
        // Unicode scalars: what a person calls a character may be a kilobyte long.
        if !(1...40).contains(name.unicodeScalars.count) { return "A name has 1 to 40 characters." }
        if !(1...1000).contains(text.unicodeScalars.count) { return "An entry has 1 to 1,000 characters." }
        return nil
    }
}

/// An entry as the page shows it.
private struct Shown: Encodable, Sendable {
    var id: Int64
    var name: String
    var text: String
    var date: String
    var isMine: Bool
}

/// A guestbook: forms, sessions, messages for the next page, and a database.
func makeGuestbookApp(_ book: Guestbook, secret: String) throws -> App {
    var app = App(staticFolder: "Examples/Guestbook/statics", templateFolder: "Examples/Guestbook/Templates")
    try app.install(Sessions(secret: secret))
    try app.install(CSRFProtection())
    try app.install(SecurityHeaders())
    app.get("/") { request in
        let author = try await request.session["author", default: ""]
        let entries = try await book.latest().map { entry in
            Shown(
                id: entry.id ?? 0, name: entry.name, text: entry.text,
                date: entry.writtenAt.formatted(.iso8601.year().month().day()), isMine: entry.author == author)
        }
        return Template("guestbook.html", ["entries": entries])
    }
    app.post("/") { request in
        let form = try await request.form(as: Submission.self)
        let session = try await request.session
        session["name"] = String(form.name.unicodeScalars.prefix(40))
        if let problem = form.check() {
            session.flash(problem, category: "problem")
            // Keeps the draft for the next attempt; a cookie has space for this many characters.
            session["draft"] = String(form.text.unicodeScalars.prefix(400))
            return redirect("/")
        }
        let author = session["author"] ?? UUID().uuidString
        session["author"] = author
        do {
            try await book.add(Entry(name: form.name, text: form.text, writtenAt: .now, author: author))
        } catch let error as DatabaseError {
            // The disk may be full.
            request.logger.error("an entry was not kept", metadata: ["error": "\(error)"])
            session.flash("Your entry could not be kept; try again later.", category: "problem")
            session["draft"] = String(form.text.unicodeScalars.prefix(400))
            return redirect("/")
        }
        session.remove("draft")
        session.flash("Thank you for your entry.")
        return redirect("/")
    }
    app.post("/entries/<int:id>/remove") { (request, id: Int) in
        let session = try await request.session
        guard let author: String = session["author"], try await book.remove(id, by: author) else {
            throw HTTPError(.notFound, "There is no such entry of yours.")
        }
        session.flash("Your entry is gone.")
        return redirect("/")
    }
    return app
}
