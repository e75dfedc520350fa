//! The table of longhand properties: name, specified type, parser, and where the computed value lives.

use super::background::{self, ImageValue, PositionValue, SizeOf};
use super::border::{self, Radius};
use super::border_image::{self, ExtentValue};
use super::boxes::{self, ClearValue, FloatValue};
use super::color::{self, ColorValue};
use super::content::{self, ContentValue, StringSet};
use super::effects::{self, Lines, OriginValue, ShadowValue, Thickness, TransformValue};
use super::font::{self, Caps, Features, Size as FontSize, Weight};
use super::grid;
use super::numeric::{self, AutoOr, Distance, Length, SizeValue};
use super::shape;
use super::text::{self, LineHeightValue, TabSizeValue};
use super::{Compute, Computing, Parse, ParseContext, Problem, keyword, named_or, none_or};
use crate::ComputedStyle;
use crate::cascade::build::Builder;
use crate::computed::*;
use cssparser::{ParseError, Parser};
use fanfold_geometry::BlendMode;
use std::sync::Arc;

/// Declares [`PropertyId`] and [`Value`] and what can be done with them.
///
/// `plain` properties live in one field of one group of [`ComputedStyle`]; `special` ones are put
/// together by [`Builder`].
macro_rules! longhands {
    (
        plain { $($id:ident $name:literal $type:ty = $parse:expr => $group:ident $(. $field:tt)+ ;)* }
        special { $($sid:ident $sname:literal $stype:ty = $sparse:expr ;)* }
    ) => {
        /// A longhand property.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum PropertyId { $($id,)* $($sid,)* }

        /// A longhand's specified value.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Value { $($id($type),)* $($sid($stype),)* }

        impl PropertyId {
            /// All longhands.
            pub(crate) const ALL: &[Self] = &[$(Self::$id,)* $(Self::$sid,)*];

            /// The longhand called `name`, in lower case.
            pub(crate) fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$id),)*
                    $($sname => Some(Self::$sid),)*
                    _ => None,
                }
            }
        }

        impl Value {
            /// Which property it is a value of.
            pub(crate) fn id(&self) -> PropertyId {
                match self {
                    $(Self::$id(_) => PropertyId::$id,)*
                    $(Self::$sid(_) => PropertyId::$sid,)*
                }
            }

            /// Parses a value of `id`.
            pub(crate) fn parse(id: PropertyId, input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Self> {
                match id {
                    $(PropertyId::$id => {
                        let parse: fn(&mut Parser<'_>, &ParseContext<'_>) -> Parse<$type> = $parse;
                        parse(input, cx).map(Self::$id)
                    })*
                    $(PropertyId::$sid => {
                        let parse: fn(&mut Parser<'_>, &ParseContext<'_>) -> Parse<$stype> = $sparse;
                        parse(input, cx).map(Self::$sid)
                    })*
                }
            }

            /// Computes the value into `builder`.
            pub(crate) fn apply(&self, builder: &mut Builder, cx: &Computing<'_>) {
                match self {
                    $(Self::$id(value) => {
                        let computed = value.compute(cx);
                        if builder.style.$group $(. $field)+ != computed {
                            builder.$group() $(. $field)+ = computed;
                        }
                    })*
                    special => builder.apply_special(special, cx),
                }
            }
        }

        /// Copies the computed value of `id` from another style: inheritance and initial values.
        pub(crate) fn copy(id: PropertyId, from: &ComputedStyle, builder: &mut Builder) {
            match id {
                $(PropertyId::$id => {
                    if builder.style.$group $(. $field)+ != from.$group $(. $field)+ {
                        builder.$group() $(. $field)+ = from.$group $(. $field)+.clone();
                    }
                })*
                special => builder.copy_special(special, from),
            }
        }
    };
}

longhands! {
    plain {
        // The font comes first: `em` and `lh` of all others depend on it.
        FontFamily "font-family" Vec<Arc<str>> = |i, _| font::families(i) => font.families;
        FontSize "font-size" FontSize = |i, _| font::size(i) => font.size;
        FontWeight "font-weight" Weight = |i, _| font::weight(i) => font.weight;
        FontStyle "font-style" Slant = |i, _| font::slant(i) => font.slant;
        FontStretch "font-stretch" f32 = |i, _| font::stretch(i) => font.stretch;
        FontVariantLigatures "font-variant-ligatures" Features = |i, _| font::ligatures(i) => font.variants.ligatures;
        FontVariantCaps "font-variant-caps" Caps = |i, _| font::caps(i) => font.variants.caps;
        FontVariantNumeric "font-variant-numeric" Features = |i, _| font::numeric(i) => font.variants.numeric;
        FontVariantEastAsian "font-variant-east-asian" Features = |i, _| font::east_asian(i) => font.variants.east_asian;
        FontVariantPosition "font-variant-position" Features = |i, _| font::position(i) => font.variants.position;
        FontFeatureSettings "font-feature-settings" Features = |i, _| font::settings(i) => font.variants.settings;
        FontKerning "font-kerning" bool = |i, _| keyword(i, &[("auto", true), ("normal", true), ("none", false)]) => font.kerning;
        FontVariationSettings "font-variation-settings" Vec<([u8; 4], f32)> = |i, _| font::variations(i) => font.variations;
        FontOpticalSizing "font-optical-sizing" bool = |i, _| keyword(i, &[("auto", true), ("none", false)]) => font.optical_sizing;
        FontSynthesisWeight "font-synthesis-weight" bool = |i, _| keyword(i, &[("auto", true), ("none", false)]) => font.synthesis.weight;
        FontSynthesisStyle "font-synthesis-style" SlantSynthesis = |i, _| font::slant_synthesis(i) => font.synthesis.style;
        FontSynthesisSmallCaps "font-synthesis-small-caps" bool = |i, _| keyword(i, &[("auto", true), ("none", false)]) => font.synthesis.small_caps;
        FontSizeAdjust "font-size-adjust" Option<(FontAspect, Option<f32>)> = |i, _| font::size_adjust(i) => font.size_adjust;
        LineHeight "line-height" LineHeightValue = |i, _| text::line_height(i) => text.line_height;
        Color "color" ColorValue = |i, _| color::color(i) => text.color;
        Direction "direction" bool = |i, _| keyword(i, &[("ltr", false), ("rtl", true)]) => text.rtl;
        // Set from the `lang` attribute only.
        Language "-fanfold-language" Option<Arc<str>> = |i, _| none_or(i, super::string) => text.language;

        TextAlign "text-align-all" text::AlignValue = |i, cx| text::align(i, cx) => text.align;
        TextAlignLast "text-align-last" Option<text::AlignValue> = |i, cx| named_or(i, "auto", |i| text::align(i, cx)) => text.align_last;
        TextIndent "text-indent" text::IndentValue = |i, _| text::indent(i) => text.indent;
        TextTransform "text-transform" TextTransform = |i, _| text::transform(i) => text.transform;
        LetterSpacing "letter-spacing" Distance = |i, _| text::spacing(i) => text.letter_spacing;
        WordSpacing "word-spacing" Distance = |i, _| text::spacing(i) => text.word_spacing;
        WhiteSpaceCollapse "white-space-collapse" Collapse = |i, _| text::collapse(i) => text.white_space.collapse;
        TextWrapMode "text-wrap-mode" bool = |i, _| keyword(i, &[("wrap", false), ("nowrap", true)]) => text.white_space.nowrap;
        TextWrapStyle "text-wrap-style" bool = |i, _| keyword(i, text::WRAP_STYLES) => text.balanced;
        TabSize "tab-size" TabSizeValue = |i, _| text::tab_size(i) => text.tab_size;
        OverflowWrap "overflow-wrap" OverflowWrap = |i, _| text::overflow_wrap(i) => text.overflow_wrap;
        WordBreak "word-break" WordBreak = |i, _| text::word_break(i) => text.word_break;
        LineBreak "line-break" LineBreak = |i, _| text::line_break(i) => text.line_break;
        HyphenateCharacter "hyphenate-character" Option<Arc<str>> = |i, _| named_or(i, "auto", super::string) => text.hyphenate_character;
        HyphenateLimitChars "hyphenate-limit-chars" HyphenateLimitChars = |i, _| text::hyphenate_limit_chars(i) => text.hyphenate_limit_chars;
        HyphenateLimitZone "hyphenate-limit-zone" Length = |i, _| numeric::positive_length_percentage(i) => text.hyphenate_limit_zone;
        TextJustify "text-justify" TextJustify = |i, _| text::justify(i) => text.justify;
        TextUnderlinePosition "text-underline-position" UnderlinePosition = |i, _| text::underline_position(i) => text.underline_position;
        TextShadow "text-shadow" Vec<ShadowValue> = |i, _| effects::text_shadows(i) => text.shadows;
        TextFillColor "-webkit-text-fill-color" Option<ColorValue> = |i, _| effects::decoration_color(i) => text.fill;
        BlockEllipsis "block-ellipsis" Ellipsis = |i, _| text::ellipsis(i, "none", "auto") => text.block_ellipsis;
        Hyphens "hyphens" Hyphens = |i, _| text::hyphens(i) => text.hyphens;
        Visibility "visibility" Visibility = |i, _| boxes::visibility(i) => text.visibility;
        Orphans "orphans" u32 = |i, _| text::line_count(i) => text.orphans;
        Widows "widows" u32 = |i, _| text::line_count(i) => text.widows;
        ListStyleType "list-style-type" Option<CounterStyleName> = |i, _| none_or(i, content::counter_style) => text.list_style;
        ListStylePosition "list-style-position" bool = |i, _| keyword(i, &[("outside", false), ("inside", true)]) => text.list_inside;
        ListStyleImage "list-style-image" Option<Arc<str>> = |i, cx| none_or(i, |i| super::url::url(i, cx.base)) => text.list_image;
        BorderCollapse "border-collapse" bool = |i, _| keyword(i, &[("separate", false), ("collapse", true)]) => text.collapse;
        BorderSpacing "border-spacing" border::Spacing = |i, _| border::spacing(i) => text.spacing;
        CaptionSide "caption-side" bool = |i, _| boxes::caption_side(i) => text.caption_bottom;
        EmptyCells "empty-cells" bool = |i, _| keyword(i, &[("show", false), ("hide", true)]) => text.hide_empty_cells;
        ImageResolution "image-resolution" f32 = |i, _| background::resolution(i) => text.image_resolution;
        ImageOrientation "image-orientation" ImageOrientation = |i, _| text::image_orientation(i) => text.image_orientation;
        Quotes "quotes" Option<content::QuotePairs> = |i, _| content::quotes(i) => text.quotes;

        Display "display" Display = |i, _| boxes::display(i) => box_.display;
        Float "float" FloatValue = |i, _| boxes::float(i) => box_.float;
        Clear "clear" ClearValue = |i, _| boxes::clear(i) => box_.clear;
        Width "width" SizeValue = |i, _| numeric::size(i) => box_.width;
        Height "height" SizeValue = |i, _| numeric::size(i) => box_.height;
        MinWidth "min-width" SizeValue = |i, _| numeric::size(i) => box_.min_width;
        MinHeight "min-height" SizeValue = |i, _| numeric::size(i) => box_.min_height;
        MaxWidth "max-width" SizeValue = |i, _| numeric::size(i) => box_.max_width;
        MaxHeight "max-height" SizeValue = |i, _| numeric::size(i) => box_.max_height;
        AspectRatio "aspect-ratio" Option<AspectRatio> = |i, _| boxes::aspect_ratio(i) => box_.aspect_ratio;
        BoxSizing "box-sizing" bool = |i, _| keyword(i, &[("content-box", false), ("border-box", true)]) => box_.border_box;
        MarginTop "margin-top" AutoOr = |i, _| numeric::auto_length(i) => box_.margin.top;
        MarginRight "margin-right" AutoOr = |i, _| numeric::auto_length(i) => box_.margin.right;
        MarginBottom "margin-bottom" AutoOr = |i, _| numeric::auto_length(i) => box_.margin.bottom;
        MarginLeft "margin-left" AutoOr = |i, _| numeric::auto_length(i) => box_.margin.left;
        PaddingTop "padding-top" Length = |i, _| numeric::positive_length_percentage(i) => box_.padding.top;
        PaddingRight "padding-right" Length = |i, _| numeric::positive_length_percentage(i) => box_.padding.right;
        PaddingBottom "padding-bottom" Length = |i, _| numeric::positive_length_percentage(i) => box_.padding.bottom;
        PaddingLeft "padding-left" Length = |i, _| numeric::positive_length_percentage(i) => box_.padding.left;
        Top "top" AutoOr = |i, _| numeric::auto_length(i) => box_.inset.top;
        Right "right" AutoOr = |i, _| numeric::auto_length(i) => box_.inset.right;
        Bottom "bottom" AutoOr = |i, _| numeric::auto_length(i) => box_.inset.bottom;
        Left "left" AutoOr = |i, _| numeric::auto_length(i) => box_.inset.left;
        ZIndex "z-index" Option<i32> = |i, _| named_or(i, "auto", numeric::integer) => box_.z_index;
        TextOverflow "text-overflow" Ellipsis = |i, _| text::text_overflow(i) => box_.text_overflow;
        MaxLines "max-lines" Option<u32> = |i, _| none_or(i, text::line_count) => box_.max_lines;
        Continue "continue" bool = |i, _| keyword(i, &[("auto", false), ("discard", true)]) => box_.discard;
        VerticalAlign "vertical-align" boxes::VerticalAlignValue = |i, _| boxes::vertical_align(i) => box_.vertical_align;
        TableLayout "table-layout" bool = |i, _| keyword(i, &[("auto", false), ("fixed", true)]) => box_.fixed_table;
        UnicodeBidi "unicode-bidi" UnicodeBidi = |i, _| text::unicode_bidi(i) => box_.unicode_bidi;
        Page "page" Option<Arc<str>> = |i, _| named_or(i, "auto", |i| super::custom_ident(i, &["auto"])) => box_.page;

        FlexWrap "flex-wrap" FlexWrap = |i, _| boxes::flex_wrap(i) => box_.flex.wrap;
        FlexGrow "flex-grow" f32 = |i, _| numeric::positive_number(i) => box_.flex.grow;
        FlexShrink "flex-shrink" f32 = |i, _| numeric::positive_number(i) => box_.flex.shrink;
        FlexBasis "flex-basis" SizeValue = |i, _| boxes::flex_basis(i) => box_.flex.basis;
        JustifyContent "justify-content" Alignment = |i, _| boxes::alignment(i) => box_.flex.justify_content;
        AlignItems "align-items" Alignment = |i, _| boxes::alignment(i) => box_.flex.align_items;
        AlignSelf "align-self" Option<Alignment> = |i, _| named_or(i, "auto", boxes::alignment) => box_.flex.align_self;
        AlignContent "align-content" Alignment = |i, _| boxes::alignment(i) => box_.flex.align_content;
        Order "order" i32 = |i, _| numeric::integer(i) => box_.flex.order;
        RowGap "row-gap" Length = |i, _| boxes::gap(i) => box_.flex.gap.0;
        ColumnGap "column-gap" Option<Length> = |i, _| boxes::column_gap(i) => box_.flex.gap.1;

        GridTemplateColumns "grid-template-columns" Tracks<Length> = |i, _| grid::tracks(i) => grid.columns;
        GridTemplateRows "grid-template-rows" Tracks<Length> = |i, _| grid::tracks(i) => grid.rows;
        GridTemplateAreas "grid-template-areas" Areas = |i, _| grid::areas(i) => grid.areas;
        GridAutoColumns "grid-auto-columns" Vec<TrackSize<Length>> = |i, _| grid::auto_tracks(i) => grid.auto_columns;
        GridAutoRows "grid-auto-rows" Vec<TrackSize<Length>> = |i, _| grid::auto_tracks(i) => grid.auto_rows;
        GridAutoFlow "grid-auto-flow" (bool, bool) = |i, _| grid::auto_flow(i) => grid.flow;
        GridRowStart "grid-row-start" GridLine = |i, _| grid::line(i) => grid.row.start;
        GridRowEnd "grid-row-end" GridLine = |i, _| grid::line(i) => grid.row.end;
        GridColumnStart "grid-column-start" GridLine = |i, _| grid::line(i) => grid.column.start;
        GridColumnEnd "grid-column-end" GridLine = |i, _| grid::line(i) => grid.column.end;
        JustifyItems "justify-items" Alignment = |i, _| boxes::alignment(i) => grid.justify_items;
        JustifySelf "justify-self" Option<Alignment> = |i, _| named_or(i, "auto", boxes::alignment) => grid.justify_self;

        ColumnCount "column-count" Option<u32> = |i, _| named_or(i, "auto", text::line_count) => columns.count;
        ColumnWidth "column-width" Option<Distance> = |i, _| named_or(i, "auto", numeric::positive_distance) => columns.width;
        ColumnRuleStyle "column-rule-style" LineStyle = |i, _| border::style(i) => columns.rule.style;
        ColumnRuleWidth "column-rule-width" Distance = |i, _| border::width(i) => columns.rule.width;
        ColumnRuleColor "column-rule-color" ColorValue = |i, _| color::color(i) => columns.rule.color;
        ColumnFill "column-fill" bool = |i, _| keyword(i, &[("balance", false), ("balance-all", false), ("auto", true)]) => columns.sequential;
        ColumnSpan "column-span" bool = |i, _| keyword(i, &[("none", false), ("all", true)]) => columns.span_all;

        BorderTopStyle "border-top-style" LineStyle = |i, cx| border::side_style(i, cx) => border.sides.top.style;
        BorderRightStyle "border-right-style" LineStyle = |i, cx| border::side_style(i, cx) => border.sides.right.style;
        BorderBottomStyle "border-bottom-style" LineStyle = |i, cx| border::side_style(i, cx) => border.sides.bottom.style;
        BorderLeftStyle "border-left-style" LineStyle = |i, cx| border::side_style(i, cx) => border.sides.left.style;
        BorderTopWidth "border-top-width" Distance = |i, _| border::width(i) => border.sides.top.width;
        BorderRightWidth "border-right-width" Distance = |i, _| border::width(i) => border.sides.right.width;
        BorderBottomWidth "border-bottom-width" Distance = |i, _| border::width(i) => border.sides.bottom.width;
        BorderLeftWidth "border-left-width" Distance = |i, _| border::width(i) => border.sides.left.width;
        BorderTopColor "border-top-color" ColorValue = |i, _| color::color(i) => border.sides.top.color;
        BorderRightColor "border-right-color" ColorValue = |i, _| color::color(i) => border.sides.right.color;
        BorderBottomColor "border-bottom-color" ColorValue = |i, _| color::color(i) => border.sides.bottom.color;
        BorderLeftColor "border-left-color" ColorValue = |i, _| color::color(i) => border.sides.left.color;
        BorderTopLeftRadius "border-top-left-radius" Radius = |i, _| border::radius(i) => border.radii.top_left;
        BorderTopRightRadius "border-top-right-radius" Radius = |i, _| border::radius(i) => border.radii.top_right;
        BorderBottomRightRadius "border-bottom-right-radius" Radius = |i, _| border::radius(i) => border.radii.bottom_right;
        BorderBottomLeftRadius "border-bottom-left-radius" Radius = |i, _| border::radius(i) => border.radii.bottom_left;

        BorderImageSource "border-image-source" Option<ImageValue> = |i, cx| none_or(i, |i| background::image(i, cx)) => border.image.source;
        BorderImageSlice "border-image-slice" Slices = |i, _| border_image::slice(i) => border.image.slices;
        BorderImageWidth "border-image-width" fanfold_geometry::Edges<ExtentValue> = |i, _| border_image::width(i) => border.image.width;
        BorderImageOutset "border-image-outset" fanfold_geometry::Edges<ExtentValue> = |i, _| border_image::outset(i) => border.image.outset;
        BorderImageRepeat "border-image-repeat" (SliceRepeat, SliceRepeat) = |i, _| border_image::repeat(i) => border.image.repeat;
        MaskBorderSource "mask-border-source" Option<ImageValue> = |i, cx| none_or(i, |i| background::image(i, cx)) => effects.mask_border.source;
        MaskBorderSlice "mask-border-slice" Slices = |i, _| border_image::slice(i) => effects.mask_border.slices;
        MaskBorderWidth "mask-border-width" fanfold_geometry::Edges<ExtentValue> = |i, _| border_image::width(i) => effects.mask_border.width;
        MaskBorderOutset "mask-border-outset" fanfold_geometry::Edges<ExtentValue> = |i, _| border_image::outset(i) => effects.mask_border.outset;
        MaskBorderRepeat "mask-border-repeat" (SliceRepeat, SliceRepeat) = |i, _| border_image::repeat(i) => effects.mask_border.repeat;

        BackgroundColor "background-color" ColorValue = |i, _| color::color(i) => background.color;

        BreakBefore "break-before" Break = |i, _| boxes::break_between(i) => breaks.before;
        BreakAfter "break-after" Break = |i, _| boxes::break_between(i) => breaks.after;
        BreakInside "break-inside" bool = |i, _| boxes::break_inside(i) => breaks.avoid_inside;
        Contain "contain" bool = |i, _| boxes::contain(i) => breaks.contained;
        FootnoteDisplay "footnote-display" FootnoteDisplay = |i, _| boxes::footnote_display(i) => breaks.footnote_display;
        FootnotePolicy "footnote-policy" FootnotePolicy = |i, _| boxes::footnote_policy(i) => breaks.footnote;
        MarginBreak "margin-break" MarginBreak = |i, _| boxes::margin_break(i) => breaks.margin;
        BoxDecorationBreak "box-decoration-break" bool = |i, _| keyword(i, &[("slice", false), ("clone", true)]) => breaks.clone_decoration;

        Opacity "opacity" f32 = |i, _| effects::opacity(i) => effects.opacity;
        MixBlendMode "mix-blend-mode" BlendMode = |i, _| effects::mix_blend_mode(i) => effects.blend_mode;
        Isolation "isolation" bool = |i, _| keyword(i, &[("auto", false), ("isolate", true)]) => effects.isolates;
        Transform "transform" Vec<TransformValue> = |i, _| effects::transform(i) => effects.transform;
        Translate "translate" Vec<TransformValue> = |i, _| none_or(i, effects::translate).map(Option::unwrap_or_default) => effects.translate;
        Rotate "rotate" Vec<TransformValue> = |i, _| none_or(i, effects::rotate).map(Option::unwrap_or_default) => effects.rotate;
        Scale "scale" Vec<TransformValue> = |i, _| none_or(i, effects::scale).map(Option::unwrap_or_default) => effects.scale;
        Clip "clip" Option<effects::ClipValue> = |i, _| named_or(i, "auto", effects::clip) => effects.clip;
        ClipPath "clip-path" Option<shape::ClipPathValue> = |i, _| none_or(i, shape::clip_path) => effects.clip_path;
        TransformOrigin "transform-origin" OriginValue = |i, _| effects::origin(i) => effects.transform_origin;
        Bleed "bleed" Option<Distance> = |i, _| named_or(i, "auto", numeric::distance) => effects.bleed;
        Marks "marks" Marks = |i, _| effects::marks(i) => effects.marks;
        OutlineStyle "outline-style" LineStyle = |i, _| border::outline_style(i) => effects.outline.style;
        OutlineWidth "outline-width" Distance = |i, _| border::width(i) => effects.outline.width;
        OutlineColor "outline-color" ColorValue = |i, _| border::outline_color(i) => effects.outline.color;
        OutlineOffset "outline-offset" Distance = |i, _| numeric::distance(i) => effects.outline_offset;
        TextDecorationColor "text-decoration-color" Option<ColorValue> = |i, _| effects::decoration_color(i) => effects.decoration.color;
        TextDecorationStyle "text-decoration-style" DecorationStyle = |i, _| effects::decoration_style(i) => effects.decoration.style;
        TextDecorationThickness "text-decoration-thickness" Option<Thickness> = |i, _| effects::thickness(i) => effects.decoration.thickness;
        TextUnderlineOffset "text-underline-offset" Option<Thickness> = |i, _| effects::thickness(i) => effects.decoration.underline_offset;
        ObjectFit "object-fit" ObjectFit = |i, _| effects::object_fit(i) => effects.object_fit;
        ObjectPosition "object-position" PositionValue = |i, _| background::position(i) => effects.object_position;
        BoxShadow "box-shadow" Vec<ShadowValue> = |i, _| effects::shadows(i) => effects.shadows;

        Content "content" ContentValue = |i, cx| content::content(i, cx) => generated.content;
        CounterReset "counter-reset" Vec<(Arc<str>, i32, Counting)> = |i, _| content::counter_reset(i) => generated.counter_reset;
        CounterSet "counter-set" Vec<(Arc<str>, i32)> = |i, _| content::counters(i, 0) => generated.counter_set;
        CounterIncrement "counter-increment" Vec<(Arc<str>, i32)> = |i, _| content::counters(i, 1) => generated.counter_increment;
        StringSet "string-set" StringSet = |i, cx| content::string_set(i, cx) => generated.string_set;
        BookmarkLevel "bookmark-level" Option<u32> = |i, _| none_or(i, content::bookmark_level) => generated.bookmark_level;
        BookmarkLabel "bookmark-label" content::ItemList = |i, cx| content::bookmark_label(i, cx) => generated.bookmark_label;
    }
    special {
        Position "position" (Position, Option<Arc<str>>) = |i, _| boxes::position(i);
        FlexDirection "flex-direction" (bool, bool) = |i, _| boxes::flex_direction(i);
        OverflowX "overflow-x" bool = |i, _| boxes::overflow(i);
        OverflowY "overflow-y" bool = |i, _| boxes::overflow(i);
        TextDecorationLine "text-decoration-line" Lines = |i, _| effects::decoration_line(i);
        BackgroundImage "background-image" Vec<Option<ImageValue>> = |i, cx| background::images(i, cx);
        BackgroundPositionX "background-position-x" Vec<Length> = |i, _| background::list(i, background::horizontal);
        BackgroundPositionY "background-position-y" Vec<Length> = |i, _| background::list(i, background::vertical);
        BackgroundSize "background-size" Vec<SizeOf> = |i, _| background::list(i, background::size);
        BackgroundRepeat "background-repeat" Vec<(Repeat, Repeat)> = |i, _| background::list(i, background::repeat);
        BackgroundAttachment "background-attachment" Vec<bool> = |i, _| background::list(i, background::attachment);
        BackgroundOrigin "background-origin" Vec<BoxArea> = |i, _| background::list(i, background::origin);
        BackgroundClip "background-clip" Vec<BoxArea> = |i, _| background::list(i, background::clip);
        // Logical properties, mapped by `direction` (CSS Logical 1).
        MarginInlineStart "margin-inline-start" AutoOr = |i, _| numeric::auto_length(i);
        MarginInlineEnd "margin-inline-end" AutoOr = |i, _| numeric::auto_length(i);
        PaddingInlineStart "padding-inline-start" Length = |i, _| numeric::positive_length_percentage(i);
        PaddingInlineEnd "padding-inline-end" Length = |i, _| numeric::positive_length_percentage(i);
        InsetInlineStart "inset-inline-start" AutoOr = |i, _| numeric::auto_length(i);
        InsetInlineEnd "inset-inline-end" AutoOr = |i, _| numeric::auto_length(i);
        BorderInlineStartStyle "border-inline-start-style" LineStyle = |i, _| border::style(i);
        BorderInlineEndStyle "border-inline-end-style" LineStyle = |i, _| border::style(i);
        BorderInlineStartWidth "border-inline-start-width" Distance = |i, _| border::width(i);
        BorderInlineEndWidth "border-inline-end-width" Distance = |i, _| border::width(i);
        BorderInlineStartColor "border-inline-start-color" ColorValue = |i, _| color::color(i);
        BorderInlineEndColor "border-inline-end-color" ColorValue = |i, _| color::color(i);
        BorderStartStartRadius "border-start-start-radius" Radius = |i, _| border::radius(i);
        BorderStartEndRadius "border-start-end-radius" Radius = |i, _| border::radius(i);
        BorderEndStartRadius "border-end-start-radius" Radius = |i, _| border::radius(i);
        BorderEndEndRadius "border-end-end-radius" Radius = |i, _| border::radius(i);
        // Only `@page` reads it.
        Size "size" crate::sheet::page_size::PageSize = |i, _| crate::sheet::page_size::parse(i);
    }
}

impl PropertyId {
    /// How many longhands there are.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// Whether it inherits: those of the font and text groups do.
    pub(crate) fn inherits(self) -> bool {
        self <= Self::Quotes
    }

    /// The logical properties' physical counterparts in left-to-right and right-to-left text.
    pub(crate) fn physical(self, rtl: bool) -> Self {
        let (ltr_side, rtl_side) = match self {
            Self::MarginInlineStart => (Self::MarginLeft, Self::MarginRight),
            Self::MarginInlineEnd => (Self::MarginRight, Self::MarginLeft),
            Self::PaddingInlineStart => (Self::PaddingLeft, Self::PaddingRight),
            Self::PaddingInlineEnd => (Self::PaddingRight, Self::PaddingLeft),
            Self::InsetInlineStart => (Self::Left, Self::Right),
            Self::InsetInlineEnd => (Self::Right, Self::Left),
            Self::BorderInlineStartStyle => (Self::BorderLeftStyle, Self::BorderRightStyle),
            Self::BorderInlineEndStyle => (Self::BorderRightStyle, Self::BorderLeftStyle),
            Self::BorderInlineStartWidth => (Self::BorderLeftWidth, Self::BorderRightWidth),
            Self::BorderInlineEndWidth => (Self::BorderRightWidth, Self::BorderLeftWidth),
            Self::BorderInlineStartColor => (Self::BorderLeftColor, Self::BorderRightColor),
            Self::BorderInlineEndColor => (Self::BorderRightColor, Self::BorderLeftColor),
            Self::BorderStartStartRadius => (Self::BorderTopLeftRadius, Self::BorderTopRightRadius),
            Self::BorderStartEndRadius => (Self::BorderTopRightRadius, Self::BorderTopLeftRadius),
            Self::BorderEndStartRadius => {
                (Self::BorderBottomLeftRadius, Self::BorderBottomRightRadius)
            }
            Self::BorderEndEndRadius => {
                (Self::BorderBottomRightRadius, Self::BorderBottomLeftRadius)
            }
            other => (other, other),
        };
        if rtl { rtl_side } else { ltr_side }
    }

    /// Whether [`Self::physical`] changes it.
    pub(crate) fn is_logical(self) -> bool {
        self >= Self::MarginInlineStart && self <= Self::BorderEndEndRadius
    }
}

impl Value {
    /// The same value for the physical property that a logical one stands for.
    pub(crate) fn to_physical(&self, rtl: bool) -> Option<Self> {
        use PropertyId as Id;
        let id = self.id();
        if !id.is_logical() {
            return None;
        }
        Some(match (id.physical(rtl), self.clone()) {
            (Id::MarginLeft, Self::MarginInlineStart(v) | Self::MarginInlineEnd(v)) => {
                Self::MarginLeft(v)
            }
            (Id::MarginRight, Self::MarginInlineStart(v) | Self::MarginInlineEnd(v)) => {
                Self::MarginRight(v)
            }
            (Id::PaddingLeft, Self::PaddingInlineStart(v) | Self::PaddingInlineEnd(v)) => {
                Self::PaddingLeft(v)
            }
            (Id::PaddingRight, Self::PaddingInlineStart(v) | Self::PaddingInlineEnd(v)) => {
                Self::PaddingRight(v)
            }
            (Id::Left, Self::InsetInlineStart(v) | Self::InsetInlineEnd(v)) => Self::Left(v),
            (Id::Right, Self::InsetInlineStart(v) | Self::InsetInlineEnd(v)) => Self::Right(v),
            (
                Id::BorderLeftStyle,
                Self::BorderInlineStartStyle(v) | Self::BorderInlineEndStyle(v),
            ) => Self::BorderLeftStyle(v),
            (_, Self::BorderInlineStartStyle(v) | Self::BorderInlineEndStyle(v)) => {
                Self::BorderRightStyle(v)
            }
            (
                Id::BorderLeftWidth,
                Self::BorderInlineStartWidth(v) | Self::BorderInlineEndWidth(v),
            ) => Self::BorderLeftWidth(v),
            (_, Self::BorderInlineStartWidth(v) | Self::BorderInlineEndWidth(v)) => {
                Self::BorderRightWidth(v)
            }
            (
                Id::BorderLeftColor,
                Self::BorderInlineStartColor(v) | Self::BorderInlineEndColor(v),
            ) => Self::BorderLeftColor(v),
            (_, Self::BorderInlineStartColor(v) | Self::BorderInlineEndColor(v)) => {
                Self::BorderRightColor(v)
            }
            (
                Id::BorderTopLeftRadius,
                Self::BorderStartStartRadius(v) | Self::BorderStartEndRadius(v),
            ) => Self::BorderTopLeftRadius(v),
            (_, Self::BorderStartStartRadius(v) | Self::BorderStartEndRadius(v)) => {
                Self::BorderTopRightRadius(v)
            }
            (
                Id::BorderBottomLeftRadius,
                Self::BorderEndStartRadius(v) | Self::BorderEndEndRadius(v),
            ) => Self::BorderBottomLeftRadius(v),
            (_, Self::BorderEndStartRadius(v) | Self::BorderEndEndRadius(v)) => {
                Self::BorderBottomRightRadius(v)
            }
            _ => return None,
        })
    }
}

/// An error that names a property nobody knows.
pub(crate) fn unknown(name: &str) -> ParseError<Problem> {
    ParseError::custom(Problem::UnknownProperty(name.to_owned()))
}
