<?php
/**
 * What people expect of a wiki and MediaWiki's packages bring: each is loaded where it is there, and none has tables or
 * namespaces of its own. A template without WIKI_EXTRAS has none of it; FarmSettings.php is read later.
 */

if ( !defined( 'MEDIAWIKI' ) ) {
	exit( 1 );
}

foreach ( [ 'MinervaNeue', 'MonoBook', 'Timeless' ] as $name ) {
	if ( is_file( "$wgStyleDirectory/$name/skin.json" ) ) {
		wfLoadSkin( $name );
	}
}
// The visual editor asks MediaWiki's own Parsoid, in the same PHP: there is no service to set up.
foreach ( [ 'Cite', 'ParserFunctions', 'TemplateData', 'VisualEditor', 'WikiEditor' ] as $name ) {
	if ( is_file( "$wgExtensionDirectory/$name/extension.json" ) ) {
		wfLoadExtension( $name );
	}
}
unset( $name );

$wgLogos = [ 'icon' => "$wgResourceBasePath/resources/assets/wikistead.svg" ];
$wgLogos['1x'] = $wgLogos['icon'];
$wgFavicon = $wgLogos['icon'];

// The main page of a new wiki, in the languages that Wikistead speaks; in others MediaWiki's own.
$wgMessagesDirs['WikisteadExtras'] = __DIR__ . '/i18n';
if ( is_file( __DIR__ . "/i18n/$wgLanguageCode.json" ) ) {
	$wgHooks['MessageCacheFetchOverrides'][] = static function ( array &$keys ): void {
		$keys['mainpagetext'] = 'wikistead-mainpage';
		$keys['mainpagedocfooter'] = 'wikistead-mainpage-next';
	};
}
