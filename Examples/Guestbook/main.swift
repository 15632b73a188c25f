import Demos
import Foundation

// Without a secret of its own each start makes one, and the sessions end with it.
let environment = ProcessInfo.processInfo.environment
let secret = environment["GUESTBOOK_SECRET"] ?? "\(UUID())\(UUID())"
let path = environment["GUESTBOOK_FILE"] ?? "guestbook.sqlite"
await serve { try makeGuestbookApp(Guestbook(path: path), secret: secret) }
