import CarafeHTTP
package import CarafeTemplateEngine
package import FoundationEssentials

// In templates as in JSON. By their own encoding, a date would be the seconds since 2001 and a URL an object.

extension Date: TemplateScalar {
    package var templateValue: TemplateValue? { DateText.text(self).map(TemplateValue.string) ?? .null }
}

extension URL: TemplateScalar {
    package var templateValue: TemplateValue? { .string(absoluteString) }
}

extension Data: TemplateScalar {
    package var templateValue: TemplateValue? { .string(base64EncodedString()) }
}
