using System.Text.RegularExpressions;

namespace LmmRec.Artifacts.Tests;

/// <summary>What a text of the repository refers to is in the repository.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Every_link_of_a_page_leads_to_a_file_and_a_heading_that_are_there() => Assert.Empty(
        from page in Files("*.md")
        from Match link in Link().Matches(File.ReadAllText(page))
        let target = link.Groups["target"].Value
        where !target.Contains(':', StringComparison.Ordinal) && !IsThere(Path.GetDirectoryName(page)!, target, page)
        select $"{Path.GetRelativePath(Beside.Checkout, page)}: {target}");

    [Fact]
    public void Every_page_that_a_source_file_names_is_there_with_its_heading() => Assert.Empty(
        from file in Files("*.cs", "*.json", "*.sh", "*.py", "*.csproj", "*.props")
        from Match mention in Page().Matches(File.ReadAllText(file))
        where !IsThere(Beside.Checkout, mention.Value, file)
        select $"{Path.GetRelativePath(Beside.Checkout, file)}: {mention.Value}");

    private static IEnumerable<string> Files(params string[] patterns)
    {
        string[] roots = [".", "bench", "docs", "examples", "onnx-models", "src", "tests"];
        return from root in roots
               from pattern in patterns
               from file in Directory.EnumerateFiles(Path.Combine(Beside.Checkout, root), pattern, root == "." ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories)
               select file;
    }

    private static bool IsThere(string folder, string target, string page)
    {
        var parts = target.Split('#');
        var path = parts[0].Length == 0 ? page : Path.Combine(folder, parts[0]);
        if (parts.Length == 1) return Path.Exists(path);
        return File.Exists(path) && File.ReadLines(path).Where(line => line.StartsWith('#')).Any(line => Anchor(line.TrimStart('#').Trim()) == parts[1]);
    }

    // As GitHub makes it: small letters, digits and hyphens; blanks become hyphens.
    private static string Anchor(string heading) => NoAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    // A page by its path in the repository; or a section by its number, as of a specification that was never here: that is no path, so it dangles. report.md is
    // what a run writes.
    [GeneratedRegex(@"(?<![\w/.*-])(?![\w/-]*report\.md\b)[\w/-]+\.md\b(#[\w-]+)?|\bspec(\.|ification)? ([a-z-]+ )?\d[\d.]*")]
    private static partial Regex Page();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
