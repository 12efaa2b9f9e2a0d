using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LmmRec.EndToEnd.Terminal;

/// <summary>What a terminal of a given width shows after a program wrote to it; the rows that scrolled away are kept.</summary>
internal sealed partial class VirtualScreen(int width)
{
    private readonly List<StringBuilder> _rows = [new()];
    private int _row, _column;

    /// <summary>The rows from the first to the last, without blanks at their ends.</summary>
    public IReadOnlyList<string> Rows => [.. _rows.Select(row => row.ToString().TrimEnd())];

    /// <summary>How often a line went on beyond the last column, so that the terminal had to begin a new row by itself.</summary>
    public int Overflows { get; private set; }

    public void Write(string text)
    {
        while (text.Length > 0)
        {
            if (text[0] == '\e')
            {
                var sequence = Sequence().Match(text);
                Assert.True(sequence.Success, $"not a control sequence that this screen knows: {text[..Math.Min(20, text.Length)].Replace("\e", "ESC", StringComparison.Ordinal)}");
                Control(sequence.Groups[2].ValueSpan[0], sequence.Groups[1].Value);
                text = text[sequence.Length..];
                continue;
            }
            Put(text[0]);
            text = text[1..];
        }
    }

    private void Put(char c)
    {
        switch (c)
        {
            case '\r':
                _column = 0;
                return;
            case '\n':
                NextRow();
                return;
        }
        if (_column == width)
        {
            Overflows++;
            NextRow();
            _column = 0;
        }
        var row = _rows[_row];
        if (row.Length < width) row.Append(' ', width - row.Length);
        row[_column++] = c;
    }

    private void NextRow()
    {
        if (++_row == _rows.Count) _rows.Add(new StringBuilder());
    }

    private void Control(char kind, string argument)
    {
        switch (kind)
        {
            case 'A':
                _row = Math.Max(0, _row - int.Parse(argument, CultureInfo.InvariantCulture));
                break;
            case 'J': // from the cursor to the end of the screen
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                _rows[_row].Length = Math.Min(_rows[_row].Length, _column);
                break;
            case 'm' or 'h' or 'l' or '=' or '>': // colours and modes
                break;
        }
    }

    [GeneratedRegex(@"^\e(?:\[([0-9;?]*))?([AJmhl=>])")]
    private static partial Regex Sequence();
}
