using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LmmRec.Artifacts;

namespace LmmRec.Cli.Schema;

/// <summary>What the sources say of types and their members: the compiler writes it into a file beside each assembly.</summary>
internal sealed partial class SourceDocumentation
{
    private readonly Dictionary<Assembly, IReadOnlyDictionary<string, XElement>> _summaries = [];

    /// <summary>The summary of a type, a property or a value of an enum as plain text; null: there is none.</summary>
    /// <exception cref="InvalidInputException">The file is not beside the assembly.</exception>
    public string? Of(MemberInfo member)
    {
        var assembly = member.Module.Assembly;
        if (!_summaries.TryGetValue(assembly, out var summaries)) _summaries[assembly] = summaries = Read(assembly);
        return summaries.TryGetValue(NameOf(member), out var summary) ? Blanks().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim() : null;
    }

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (!File.Exists(path)) throw new InvalidInputException($"{path}: is missing, and holds what the schema says of each key; build or publish lmmrec again");
        return XDocument.Load(path).Descendants("member").Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);
    }

    private static string NameOf(MemberInfo member) => member switch
    {
        Type type => $"T:{type.FullName}",
        PropertyInfo => $"P:{member.DeclaringType!.FullName}.{member.Name}",
        _ => $"F:{member.DeclaringType!.FullName}.{member.Name}",
    };

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement element when element.Attribute("cref")?.Value.Split('.') is [.., var name] && element.Attribute("cref")!.Value is var reference =>
            reference.StartsWith("P:", StringComparison.Ordinal) ? $"`{JsonNamingPolicy.CamelCase.ConvertName(name)}`" : name,
        XElement element => $"`{element.Value}`",
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
