namespace LmmRec.Artifacts.Tables;

/// <summary>Says what one row of a table is. A record with this attribute is the table's schema; its constructor's parameters are the columns.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TableAttribute(string artifact, string name, string description) : Attribute
{
    /// <summary>The artifact that the table is part of, as the documentation calls it.</summary>
    public string Artifact { get; } = artifact;

    /// <summary>The table's name: the stem of its file.</summary>
    public string Name { get; } = name;

    /// <summary>What one row is.</summary>
    public string Description { get; } = description;

    /// <summary>Rows of one Parquet row group; readers hold one group in memory.</summary>
    public int RowsPerGroup { get; init; } = 4096;
}

/// <summary>Says what a column holds: meaning, unit, range. The column's name is the parameter's name in snake_case.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ColumnAttribute(string description) : Attribute
{
    /// <summary>What the column holds.</summary>
    public string Description { get; } = description;
}
