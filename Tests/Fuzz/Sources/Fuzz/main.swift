import Foundation
import LibFuzzer

// Fuzz --write-seeds FOLDER              writes each target's corpus and words into FOLDER/TARGET
// Fuzz --target=NAME [options] [paths]   runs the target; options and paths are libFuzzer's, which skips ours

if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--write-seeds" {
    for target in Targets.all {
        try Corpus(of: target).write(to: CommandLine.arguments[2] + "/" + target.name)
        print(target.name)
    }
} else {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&count, &arguments) { start, count in
        Targets.chosen.check([UInt8](UnsafeBufferPointer(start: start, count: count)))
        return 0
    }
    exit(status)
}
