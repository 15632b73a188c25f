import Demos
import Foundation

// Without a secret in the environment each start makes a new one, which ends all sessions.
let environment = ProcessInfo.processInfo.environment
let secret = environment["GUESTBOOK_SECRET"] ?? "\(UUID())\(UUID())"
let path = environment["GUESTBOOK_FILE"] ?? "guestbook.sqlite"
await serve { try makeGuestbookApp(Guestbook(path: path), secret: secret) }
