namespace LmmRec.Evaluate.Report.Files;

/// <summary>A part of the report as texts and tables of texts, of which files in several formats are written.</summary>
/// <param name="Title">heading</param>
/// <param name="Paragraphs">what is said before the tables</param>
/// <param name="Tables">the tables</param>
internal sealed record TextSection(string Title, IReadOnlyList<string> Paragraphs, IReadOnlyList<TextTable> Tables);

/// <summary>A table of texts.</summary>
/// <param name="Title">heading</param>
/// <param name="Columns">the columns behind the rows' labels: a name, and of neighbours that belong together the group; either may be empty</param>
/// <param name="Rows">rows, a cell per column each</param>
/// <param name="Note">what it says and how it was made, a sentence or more</param>
internal sealed record TextTable(string Title, IReadOnlyList<(string Group, string Name)> Columns, IReadOnlyList<TextRow> Rows, string Note);

/// <summary>A row.</summary>
internal sealed record TextRow(string Label, IReadOnlyList<TextCell> Cells);

/// <summary>A cell.</summary>
internal readonly record struct TextCell(string Text, bool IsBold = false);
